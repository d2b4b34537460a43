"""The inbox of the local instance."""

from __future__ import annotations

import pytest

from local import inbox


def mail(number: int) -> dict[str, object]:
    texts = dict.fromkeys(("to", "text", "html", "sent_at"), "x")
    return {**texts, "subject": f"Email {number}", "links": []}


@pytest.mark.parametrize(("sent", "shown"), [(0, 0), (50, 50), (51, 50)])
def test_the_page_shows_the_newest(monkeypatch: pytest.MonkeyPatch, sent: int, shown: int) -> None:
    """And says where the others are, if there are any."""
    monkeypatch.setattr(inbox, "mails", lambda: [mail(number) for number in range(sent)])

    told = inbox.inbox_page().decode()

    assert told.count("<article>") == shown
    assert f'data-count="{sent}"' in told
    assert (f"All {sent} are here" in told) == (sent > shown)
