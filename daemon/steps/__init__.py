"""One file per step of the cycle; each has `run(context) -> Done` and is imported when its turn comes.

A step reads what earlier steps left in the state and the lake, and leaves its own there in one
transaction: killed at any instruction and started again, it comes to the same end.
"""
