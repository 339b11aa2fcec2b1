"""Go's regular expressions: package ``regexp``, which is linear in the text whatever the pattern.

``syntax`` reads a pattern into a fragment of ``fragments``, whose sets of characters are made in ``charsets``; ``program`` makes it fit
to be run by ``machine``; ``regex`` is what others use.
"""

from fake_kfp.golang.regexp.regex import Match, Regex, compile_regex, quote_meta

__all__ = ["Match", "Regex", "compile_regex", "quote_meta"]
