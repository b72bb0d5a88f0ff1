"""The variables of the environment, read one by one; what is wrong with them is collected."""

import re
from collections.abc import Mapping

from rds_backup.inputs.variables import VARIABLES
from rds_backup.model.keys import DEFAULT_KEY, names_default
from rds_backup.model.settings import partition_of

_MAX_SHOWN = 80
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):", re.ASCII)
# A tag's key has 1 to 128 characters, its value at most 256 (RDS API reference, Tag).
_MAX_TAG_KEY, _MAX_TAG_VALUE = 128, 256


class Reader:
    """Reads variables; ``mistakes`` has a line for each that is wrong, its name first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Nothing is read yet."""
        self._env = env
        self.mistakes: list[str] = []

    def text(self, name: str) -> str | None:
        """The stripped value, the default, or None: then the mistake is noted if there is one."""
        row = VARIABLES[name]
        raw = self._env.get(name, row.default)
        value = None if raw is None else raw.strip()
        if not value and not row.optional:
            found = "is not set" if raw is None else "is empty"
            self.mistakes.append(f"{name} {found}; expected {row.expected}")
        return value or None

    def wrong(self, name: str, value: str, expected: str | None = None) -> None:
        """Note a value that cannot be used, and what is expected; a secret is not shown."""
        row = VARIABLES[name]
        shown = f"of {len(value)} characters" if row.secret else repr(value[:_MAX_SHOWN])
        self.mistakes.append(f"{name} is {shown}; expected {expected or row.expected}")

    def matched(self, name: str) -> re.Match[str] | None:
        """The value, if it is one and as its pattern asks; else the mistake is noted."""
        value, pattern = self.text(name), VARIABLES[name].pattern
        assert pattern is not None  # noqa: S101 - only variables with a pattern are asked for
        found = pattern.fullmatch(value) if value else None
        if value and not found:
            self.wrong(name, value)
        return found

    def word(self, name: str) -> str:
        """The value as its pattern asks, or nothing."""
        found = self.matched(name)
        return found[0] if found else ""

    def number(self, name: str) -> int:
        """The number, or the least that it may be: then the mistake is noted."""
        value, numbers = self.text(name), VARIABLES[name].numbers
        assert numbers is not None  # noqa: S101 - only numbers are asked for
        least, most = numbers
        if value is None:
            return least
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            self.wrong(name, value)
            return least
        return int(value)

    def boolean(self, name: str) -> bool:
        """Whether it is true, in whatever case."""
        return self.word(name).lower() == "true"

    def key(self, name: str, region: str, account: str, owner: str) -> str:
        """A key id, ARN or alias; an ARN has to lie in this Region and in the owner's account."""
        value = self.text(name) or ""
        may_be_default = owner == "BACKUP_ACCOUNT"
        if "alias/aws/" in value and not (may_be_default and names_default(value)):
            expected = (
                f"a customer managed key, or {DEFAULT_KEY}"
                if may_be_default
                else "a customer managed key: a snapshot under an AWS managed key cannot be shared"
            )
            self.wrong(name, value, expected)
            return value
        found = self.matched(name) if value else None
        if found and self.elsewhere(name, value, region):
            return value
        if found and found[1] and region and found[1] != region:
            self.wrong(name, value, f"a key of this Region, {region}")
        if found and found[2]:
            self.of_account(name, found[2], owner, account)
        return value

    def of_account(self, name: str, found: str, owner: str, account: str) -> None:
        """Note an ARN of another account than its owner's; either may be the wrong one."""
        if account and found != account:
            differs = f"{name} belongs to account {found}, but {owner} is {account}"
            self.mistakes.append(f"{differs}; one of the two is wrong")

    def said(self, name: str) -> str:
        """What the environment itself says, whatever is wrong with it."""
        return self._env.get(name, "").strip()

    def account_in(self, name: str) -> str | None:
        """The account of an ARN, whatever else is wrong with it; None if it is none."""
        found = _ARN.match(self.said(name))
        return found[1] if found else None

    def elsewhere(self, name: str, value: str, region: str) -> bool:
        """Whether an ARN is of another partition than the Region, which nothing leads out of."""
        expected = partition_of(region).name
        if not region or not value.startswith("arn:") or value.split(":")[1] == expected:
            return False
        self.wrong(name, value, f"an ARN of {expected}, the partition of {region}")
        return True

    def databases(self) -> tuple[str, ...]:
        """The identifiers, each once and in lower case, as RDS keeps them."""
        parts = (self.text("DB_ID") or "").lower().split(",")
        names = tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))
        pattern = VARIABLES["DB_ID"].pattern
        for name in names:
            if name.startswith("arn:"):
                self.wrong("DB_ID", name, "an identifier, not an ARN: its last part")
            elif not (pattern and pattern.fullmatch(name)):
                self.wrong("DB_ID", name)
        return names

    def tag(self) -> tuple[str, str | None] | None:
        """The key and the value of the tag, None for any value; None if no tag is asked for."""
        text = self.text("DB_TAG")
        if text is None:
            return None
        pattern = VARIABLES["DB_TAG"].pattern
        key, equals, value = (part.strip() for part in text.partition("="))
        fits = pattern and pattern.fullmatch(text) and 0 < len(key) <= _MAX_TAG_KEY
        if not fits or len(value) > _MAX_TAG_VALUE:
            self.wrong("DB_TAG", text)
        return key, value if equals else None
