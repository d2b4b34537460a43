"""Who calls."""

from rekey import addresses


class Client:
    """Who calls, as the gateway saw it: `requestContext.http.sourceIp`, and the name the program gives itself."""

    def __init__(self, source_ip: str, user_agent: str = "") -> None:
        self.source_ip = source_ip
        # A header is the caller's to write: printable, and no longer than a mail can bear.
        self.name = "".join(filter(str.isprintable, user_agent))[:120]

    @property
    def network(self) -> str:
        return addresses.client_network(self.source_ip)
