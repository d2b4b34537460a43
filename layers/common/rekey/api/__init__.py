"""From an event of API Gateway to a flow and back: requests, fields, cookies, who calls, every refusal by name."""
