"""What came of comparing a page with its receipts, in sentences. Pure."""

from __future__ import annotations

from pathlib import Path

from aggregator.digest.receipts.form import ChangeForm, ReceiptForm, Receipts
from aggregator.digest.receipts.verify import Difference, DifferenceKind, Verified
from aggregator.locales import mark, t, tn
from aggregator.text.characters import clean

_DIFFERENCES = {
    DifferenceKind.CHANGED: mark("this line was changed by hand since it was printed"),
    DifferenceKind.MISSING: mark("this line of {month} is not on the page"),
    DifferenceKind.WITHOUT_RECEIPT: mark("this line has no receipt"),
    DifferenceKind.SECTION: mark("this line stands in section {new} and was printed in {old}"),
    DifferenceKind.ORDER: mark("this line stands in another place of its section than it was printed"),
    DifferenceKind.RECEIPT: mark("a receipt of {month} does not agree with its own checksum {old}"),
    DifferenceKind.AROUND: mark("the lines agree, but the text around them is not as it was printed"),
}
#: What is shown of a line before and after.
_BEFORE = {DifferenceKind.CHANGED, DifferenceKind.MISSING}
_AFTER = {DifferenceKind.CHANGED, DifferenceKind.WITHOUT_RECEIPT, DifferenceKind.ORDER, DifferenceKind.RECEIPT}
_CHANGES = {
    "printed again": mark("printed again on {day}: {title}"),
    "erratum": mark("corrected on {day}: {title}"),
    "mend": mark("mended on {day}: {title}"),
}


def list_known(verified: Verified) -> list[str]:
    """Say what agrees, what was corrected through the program, and the funnel of each month."""
    said = [
        tn("{number} line agrees with its receipt.", "{number} lines agree with their receipts.", verified.agreeing)
    ]
    if verified.unknown:
        said.append(
            tn(
                "{number} line is of a month without receipts: nothing is known of it here.",
                "{number} lines are of months without receipts: nothing is known of them here.",
                verified.unknown,
            )
        )
    said += [say_change(change, receipt) for _, receipt in verified.corrected for change in receipt.changes]
    return [*said, *(_say_funnel(found.receipts) for found in verified.used)]


def say_change(change: ChangeForm, receipt: ReceiptForm) -> str:
    """Say what was changed of a line through the program, and when (UTC)."""
    return t(_CHANGES[change.kind], day=f"{change.at:%Y-%m-%d}", title=clean(receipt.title))


def _say_funnel(receipts: Receipts) -> str:
    funnel = receipts.funnel
    said = t(
        "{month}: {posts} posts, proposed {proposed}, looked at by a person {looked_at}, chosen by a person {chosen}, "
        "printed {printed}.",
        month=receipts.month,
        posts=f"{funnel.posts:,}",
        proposed=f"{funnel.proposed:,}",
        looked_at=f"{funnel.looked_at:,}",
        chosen=f"{funnel.chosen:,}",
        printed=f"{funnel.printed:,}",
    )
    if funnel.entries is None:
        return said
    return said + " " + tn("{number} entry of a feed was seen.", "{number} entries of feeds were seen.", funnel.entries)


def list_differences(page: Path, verified: Verified) -> list[str]:
    """Say each difference: the place, what differs, and the line before (-) and after (+), without what a terminal
    would obey.
    """
    return [_say(page, one) for one in verified.differences]


def _say(page: Path, one: Difference) -> str:
    name = clean(str(page))
    place = f"{name}:{one.number}" if one.number else name
    told = [f"{place}: {say_difference(one)}"]
    if one.kind in _BEFORE:
        told += [f"- {clean(line)}" for line in one.old.split("\n")]
    if one.kind in _AFTER:
        told += [f"+ {clean(line)}" for line in one.new.split("\n")]
    return "\n".join(told)


def say_difference(one: Difference) -> str:
    """Say what differs, without the lines."""
    return t(_DIFFERENCES[one.kind], month=one.month or "", old=clean(one.old), new=clean(one.new))
