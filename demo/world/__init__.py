"""A seeded vendor's world: what its systems hold about its customers, and the truth behind it.

Reads no feature catalogue and knows no model. Start at `generate`; docs/demo-world.md says what can be
observed from what.
"""

from demo.world.crm import load_org
from demo.world.generate import generate, tiny
from demo.world.ratings import Feedback, ShownScore, rep_feedback
from demo.world.records import World
from demo.world.write import write

__all__ = ["Feedback", "ShownScore", "World", "generate", "load_org", "rep_feedback", "tiny", "write"]
