"""The sprig functions that expressions use: text, numbers, lists, maps, JSON. No randomness, no environment."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.expressions.sprig.lists import LIST_FUNCTIONS
from fake_kfp.expressions.sprig.numbers import NUMBER_FUNCTIONS
from fake_kfp.expressions.sprig.strings import STRING_FUNCTIONS
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.values import ANY, GoFunction

_UNMODELLED = (
    "ago date date_in_zone date_modify dateInZone dateModify durationRound duration htmlDate htmlDateInZone "
    "must_date_modify mustDateModify mustToDate now toDate unixEpoch randAlphaNumeric randAlpha randAscii "
    "randNumeric shuffle randInt getHostByName bcrypt htpasswd genPrivateKey derivePassword buildCustomCert genCA "
    "genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey encryptAES decryptAES "
    "randBytes uuidv4 semver semverCompare urlParse urlJoin b32enc b32dec abbrev abbrevboth wrap wrapWith initials "
    "swapcase snakecase camelcase kebabcase osBase osClean osDir osExt osIsAbs base dir clean ext isAbs adler32sum "
    "merge mergeOverwrite mustMerge mustMergeOverwrite deepCopy mustDeepCopy typeOf typeIs typeIsLike kindOf kindIs "
    "chunk mustChunk"
).split()


def _refusing(name: str) -> Callable[..., object]:
    def refuse(*_arguments: object) -> object:
        raise GoError(
            f"fake_kfp: sprig.{name} is not modelled in expressions; compute the value in a task and use its output"
        )

    return refuse


SPRIG: dict[str, object] = {
    **{name: GoFunction(_refusing(name), (f"...{ANY}",), ANY) for name in _UNMODELLED},
    **STRING_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **LIST_FUNCTIONS,
}
