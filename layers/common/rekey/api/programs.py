"""What a program is called, from its User-Agent: by names of our own alone.

The header is a stranger's to write, and what it says reaches mails and the security page: nothing of it is ever quoted.
"""

# In this order: most claim to be those that stand further down.
_NAMES = {
    "Edg": "Microsoft Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Version/": "Safari",
    "curl/": "curl",
    "python": "Python",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def describe(user_agent: str) -> str:
    """`Firefox, Windows`; as much of it as is known, maybe nothing."""
    found = (next((name for sign, name in names.items() if sign in user_agent), "") for names in (_NAMES, _SYSTEMS))
    return ", ".join(filter(None, found))
