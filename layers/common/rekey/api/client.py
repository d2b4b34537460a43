"""Who calls."""

from rekey.api import networks

# Characters: Edge says last that it is not Chrome, and on macOS after some 130.
LONGEST_NAME = 200


class Client:
    """Who calls, as the gateway saw it: `requestContext.http.sourceIp`, and the name the program gives itself."""

    def __init__(self, source_ip: str, user_agent: str = "") -> None:
        self.source_ip = source_ip
        # A header is the caller's to write: printable, and no longer than a mail can bear.
        self.name = "".join(filter(str.isprintable, user_agent))[:LONGEST_NAME]

    @property
    def network(self) -> str:
        return networks.client_network(self.source_ip)

    @property
    def caller(self) -> str:
        """Network and program together: what two requests of one person's one program have in common."""
        return f"{self.network} {self.name}"
