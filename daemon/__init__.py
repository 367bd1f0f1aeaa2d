"""The process: composes `models` and `integrations`; the only package that may import both.

Start at cycle.py, the ordered list of steps.
"""
