"""Parameters: the defaults are the design's, and values that would make it unsafe are refused."""

import re
import shlex
import tomllib
from typing import Any

import pytest

from local import parameters
from local.template import ROOT, ParameterError, load_template

# What no deployment sets: of the memory allocator, of metrics, and the bus that every account has.
FIXED = {"MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_", "POWERTOOLS_METRICS_NAMESPACE"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PasswordRule", "none"),
        ("PasswordRule", "sales-connect "),
        ("MailLimitKey", "phone"),
        ("LinkLife", "3599"),
        ("BreachedPasswords", "http://api.pwnedpasswords.com/range/"),
        ("BreachedPasswords", "https://api.pwnedpasswords.com/range"),
        ("BreachedPasswords", "https://key@mirror.example/range/"),
        ("BreachedPasswords", "https://mirror.example/range/?"),
        ("Issuer", ""),
        ("Issuer", "Acme\r\nBcc: b@example.com"),
        ("Issuer", 'Acme" <evil@example.com>, "x'),
        ("Issuer", "Acme: accounts"),
        ("BrandColor", "red"),
        ("BrandLogo", "http://cdn.example.com/logo.svg"),
        ("BrandLogo", "https://cdn.example.com/logo.svg; script-src *"),
        ("BrandColor", "#fff;background:url(//evil.example)"),
        ("TermsUrl", "http://example.com/terms"),
        ("PrivacyUrl", "javascript:alert(1)"),
        ("SupportUrl", "mailto:help@example.com"),
        ("HomeUrl", "//evil.example"),
        ("HomeUrl", 'https://app.example.com" onclick="x'),
        ("HomeUrl", "https://user@app.example.com"),
        ("MailFrom", "no-reply"),
        ("MailFrom", "a@example.com\r\nBcc: b@example.com"),
        ("MailFrom", "a@example.com, b@example.com"),
        ("LinkOrigin", "https://app.example.com/"),
        ("LinkOrigin", "https://app.example.com/pages"),
        ("LinkOrigin", "https://app.example.com#x"),
        ("LinkOrigin", "javascript:alert(1)"),
        ("LinkOrigin", "app.example.com"),
        ("Architecture", "riscv"),
        ("Cleanup", "yes"),
        ("CleanupSchedule", "daily"),
        ("LogLife", "31"),
        ("KeyArn", "alias/mine"),
        ("DomainName", "https://accounts.example.com"),
        ("DomainName", "localhost"),
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/x"),
        ("AlarmMail", "ops"),
        ("NoSuchParameter", "1"),
    ],
)
def test_refused(name: str, value: str) -> None:
    """What the template's own rules refuse, `make run` and the tests refuse as a deployment would."""
    with pytest.raises(ParameterError, match=name):
        load_template({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PasswordRule", "nist"),
        ("BreachedPasswords", ""),
        ("BreachedPasswords", "https://mirror.example:8443/pwned/range/"),
        ("LinkOrigin", ""),
        ("LinkOrigin", "https://app.example.com"),
        ("LinkOrigin", "http://localhost:8080"),
        ("HomeUrl", "https://app.example.com"),
        ("SupportUrl", "https://help.example.com:8443/contact?topic=sign-in#form"),
        ("Issuer", "Grüße & Söhne"),
        ("MailFrom", "no-reply@mail.acme.co.uk"),
        ("CorsOrigins", "https://a.example,https://b.example"),
        ("CleanupSchedule", "cron(0 3 * * ? *)"),
    ],
)
def test_taken(name: str, value: str) -> None:
    """What they allow is taken as it is."""
    assert load_template({name: value}).parameters[name] == value


def overrides() -> list[str]:
    """Each `Name=Value` of samconfig.toml and of the commands in the documents, as a shell hands it over."""
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    found = [
        each for name in ("dev", "prod") for each in environments[name]["deploy"]["parameters"]["parameter_overrides"]
    ]
    for document in (ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.yaml")):
        commands = re.findall(r"--parameter-overrides\s+([^`\n]+)", document.read_text())
        found += [word for command in commands for word in shlex.split(command)]
    return found


def test_a_value_with_a_space_is_quoted_once_more() -> None:
    """SAM ends a value at a space, whatever the shell made of it: it looks for quotes within what it is handed."""
    cut = [each for each in overrides() if not re.fullmatch(r"""\w+=("[^"]*"|'[^']*'|[^ "']+)""", each)]

    assert len(overrides()) > 10
    assert not cut, f"{cut}: write 'Name=\"a value\"'"


NUMBERS = {name: rules for name, rules in load_template().document["Parameters"].items() if rules["Type"] == "Number"}


@pytest.mark.parametrize("name", NUMBERS)
def test_range_of_a_number(name: str) -> None:
    """A number has a least and a most that are taken; what is beyond, or no whole number, is refused."""
    least, most = (NUMBERS[name].get(bound) for bound in ("MinValue", "MaxValue"))
    bounded = "AllowedValues" in NUMBERS[name] or None not in {least, most}
    assert bounded, "template.yaml: give it MinValue and MaxValue, or AllowedValues"
    allowed = [str(each) for each in NUMBERS[name].get("AllowedValues", [least, most])]
    beyond = [] if least is None else [str(least - 1), str(most + 1)]

    for value in allowed:
        assert load_template({name: value}).parameters[name] == value
    for value in [*beyond, "-1", "five", f"{allowed[0]}.5", ""]:
        with pytest.raises(ParameterError, match=name):
            load_template({name: value})


def test_defaults() -> None:
    """The defaults take their own rules, and are those of the design."""
    defaults = load_template().parameters

    assert load_template(defaults).parameters == defaults
    assert defaults["PasswordRule"] == "sales-connect"
    assert (defaults["Argon2Memory"], defaults["Argon2Iterations"], defaults["Argon2Parallelism"]) == (
        "19456",
        "2",
        "1",
    )
    assert defaults["LinkLife"] == "3600"
    assert defaults["MailLimitKey"] == "ip-and-email"


def test_a_link_outlives_the_time_without_another() -> None:
    """Who was sent the last email of an hour, or asked a moment ago, has a link that works until there is a new one."""
    rules = load_template().document["Parameters"]

    assert rules["LinkLife"]["MinValue"] >= max(3600, rules["MailGap"]["MaxValue"])


@pytest.mark.parametrize("value", ["*", "https://app.example.com/", "app.example.com", "https://a.example,*", ""])
def test_cors_wildcard(value: str) -> None:
    """Origins are named one by one, as a browser sends them."""
    with pytest.raises(ParameterError):
        load_template({"CorsOrigins": value})


def test_every_parameter_says_what_it_is() -> None:
    """Each parameter is in one group of the deployment form, and described."""
    document = load_template().document
    declared, groups = document["Parameters"], document["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]

    assert declared.keys() - {*grouped} == set(), "template.yaml, ParameterGroups: put these into one"
    assert {*grouped} - declared.keys() == set(), "template.yaml, ParameterGroups: these are no parameters"
    assert len(grouped) == len({*grouped}), "template.yaml, ParameterGroups: one stands in two"
    undescribed = [name for name, rules in declared.items() if "Description" not in rules]
    assert undescribed == [], "template.yaml: say what these do (Description)"


def test_every_parameter_is_used() -> None:
    """A parameter that sets nothing is not offered."""
    document = load_template().document
    used = repr({part: document[part] for part in ("Globals", "Resources", "Conditions")})

    unused = [name for name in document["Parameters"] if f"{{'Ref': '{name}'}}" not in used]
    assert unused == [], "template.yaml: these set nothing; give each to what it is for, or take it out"


def test_the_page_is_current() -> None:
    """docs/parameters.md is what is drawn from the template now: `make parameters` writes it."""
    assert (ROOT / "docs/parameters.md").read_text() == parameters.document(), "run make parameters"


def variables() -> list[tuple[str, Any]]:
    """Each variable that any function is given, with its unresolved value."""
    template = load_template()
    owners = [template.document["Globals"]["Function"], *template.resources("AWS::Serverless::Function").values()]
    return [pair for each in owners for pair in each.get("Environment", {}).get("Variables", {}).items()]


def test_every_variable_comes_from_somewhere() -> None:
    """A variable is set from a parameter or a resource, and constant only where nobody would set it otherwise."""
    constant = {name for name, value in variables() if isinstance(value, str)}

    assert constant == FIXED


def test_a_variable_has_its_parameters_name() -> None:
    """What a parameter alone decides is read by its own name, in upper case and with underscores."""
    declared = load_template().document["Parameters"]
    named = [(name, value["Ref"]) for name, value in variables() if isinstance(value, dict) and "Ref" in value]
    of_parameters = [(name, parameter) for name, parameter in named if parameter in declared]

    assert len(of_parameters) > 20
    for name, parameter in of_parameters:
        own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).upper()
        assert name == own, f"template.yaml: {name} is set from {parameter}, which sets {own}"
