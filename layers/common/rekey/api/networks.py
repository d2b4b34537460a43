"""Where a request comes from: the network that a client is counted by, and what people are shown of it."""

import ipaddress


def client_network(source_ip: str) -> str:
    """What a client's limit is counted by: an IPv4 address, or the /64 that one IPv6 customer has to himself."""
    address = ipaddress.ip_address(source_ip)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return source_ip


def shorten_ip(source_ip: str) -> str:
    """The address as people are shown it, enough to say "not me": /24 or /48."""
    address = ipaddress.ip_address(source_ip)
    prefix = 24 if address.version == 4 else 48  # noqa: PLR2004 - IP versions
    return str(ipaddress.ip_network((source_ip, prefix), strict=False))
