"""What Argo's workflow operator does with a workflow each time it looks at it.

:class:`~fake_kfp.simulator.engine.operator.Operator` is all that drivers need: ``settle`` lets it look until it comes to rest, ``look`` is
one single look, ``next_due`` tells when time alone would change something.
"""
