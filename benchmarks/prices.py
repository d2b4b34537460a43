"""List prices in US dollars, us-east-1, without any free tier: each with where it stands and when it was last seen.

No price list could be read when these were written: they were seen in the texts named, or are from memory, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """So many dollars for so many units."""

    usd: float
    units: float
    source: str
    seen: str

    def of(self, units: float) -> float:
        return units * self.usd / self.units


_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_KMS = "https://aws.amazon.com/kms/pricing/"
_COGNITO = "https://aws.amazon.com/cognito/pricing/"
_IN_2026 = "2026-05-26, in aws-samples/sample-llm-search-citation-analysis-with-amazon-bedrock, pull request 60"
_MEMORY = "from memory of 2025"

LAMBDA_REQUESTS = Price(0.20, MILLION, _LAMBDA, _IN_2026)
LAMBDA_GB_SECONDS = {
    "arm64": Price(0.0000133334, 1, _LAMBDA, "2024, in cloudchipr.com/blog/aws-lambda-pricing"),
    "x86_64": Price(0.0000166667, 1, _LAMBDA, _IN_2026),
}
DYNAMODB_WRITES = Price(0.625, MILLION, _DYNAMODB, _IN_2026)
DYNAMODB_READS = Price(0.125, MILLION, _DYNAMODB, _IN_2026)
DYNAMODB_STORAGE = Price(0.25, 1e9, _DYNAMODB, _IN_2026)  # a month
DYNAMODB_BACKUP = Price(0.20, 1e9, _DYNAMODB, _MEMORY)  # a month: point-in-time recovery
KMS_REQUESTS = Price(0.03, 10_000, _KMS, "2026-03-14, in cloudburn.io/blog/aws-kms-pricing")
KMS_KEY = Price(1, 1, _KMS, "2026-03-14, in cloudburn.io/blog/aws-kms-pricing")  # a month
SES_MAILS = Price(
    0.10, 1000, "https://aws.amazon.com/ses/pricing/", "2026, in acecloudinterviews.com/tutorials/aws/ses"
)
HTTP_API_REQUESTS = Price(
    1.00, MILLION, "https://aws.amazon.com/api-gateway/pricing/", "2025-05-19, in awsforengineers.com/blog"
)
LOG_BYTES = Price(0.50, 1e9, _CLOUDWATCH, "2026-06-13, in factualminds.com/blog")
METRICS = Price(0.30, 1, _CLOUDWATCH, "2026-02-15, in signoz.io/guides/cloudwatch-pricing")  # a month
ALARMS = Price(0.10, 1, _CLOUDWATCH, _MEMORY)  # a month, for each metric an alarm reads
DASHBOARDS = Price(3.00, 1, _CLOUDWATCH, _MEMORY)  # a month
SQS_REQUESTS = Price(0.40, MILLION, "https://aws.amazon.com/sqs/pricing/", _MEMORY)
EVENTS = Price(
    1.00, MILLION, "https://aws.amazon.com/eventbridge/pricing/", "2026-03-13, in cloudburn.io/blog"
)  # custom ones

# Monthly active users to dollars each: so many at most at this price, then the next.
COGNITO: dict[str, tuple[tuple[float, float], ...]] = {
    "Lite": ((100_000, 0.0055), (1_000_000, 0.0046), (10_000_000, 0.00325), (float("inf"), 0.0025)),
    "Essentials": ((float("inf"), 0.015),),
    "Plus": ((float("inf"), 0.02),),
}
COGNITO_FREE = {"Lite": 10_000, "Essentials": 10_000, "Plus": 0}
COGNITO_SEEN = f"{_COGNITO}: prices {_MEMORY}, the free 10,000 {_IN_2026}"


def cognito(plan: str, users: float, *, free_tier: bool) -> float:
    """What Cognito's user pools cost a month, SMS and mails apart."""
    dollars, counted = 0.0, float(COGNITO_FREE[plan] if free_tier else 0)
    for most, each in COGNITO[plan]:
        dollars += max(0.0, min(users, most) - counted) * each
        counted = max(counted, min(users, most))
    return dollars
