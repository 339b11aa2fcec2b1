"""The one error of the expression languages."""


class ExpressionError(Exception):
    """A text that cannot be parsed, evaluated or substituted.

    ``text`` is what the Go library says, word for word, or starts with ``fake_kfp:`` where the
    text is fine but asks for something that is not modelled.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
