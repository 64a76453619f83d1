"""What the curator has set for the ranking: weights, quotas and rules."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, FiniteFloat

from aggregator.config import list_weights
from aggregator.pipeline import months, rules, weights
from aggregator.shapes.rules import RuleShape
from aggregator.storage.numbers import LAST_ID
from aggregator.storage.rules import list_rules
from aggregator.types import Act, Rule, RuleState, Trait
from aggregator.web.api.fields import Body, Id, Name, read_section
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(tags=["ranking"])


class WeightsShape(BaseModel):
    """The weights and quotas, by their names in feeds.toml."""

    weights: dict[str, float] = Field(description="Those in use.", examples=[{"weights.depth": 1.0}])
    feeds_toml: dict[str, float] = Field(description="Those of feeds.toml.")


class WeightsBody(Body):
    weights: dict[Name, FiniteFloat | None] = Field(
        max_length=200, description="Null goes back to feeds.toml.", examples=[{"weights.depth": 1.5}]
    )


class RuleBody(Body):
    """A new rule, or with a number another version of that rule."""

    trait: Trait
    sought: Name = Field(examples=["webinar"])
    act: Act
    points: float | None = Field(default=None, ge=-100, le=100)
    section: Name | None = None
    feed: Name | None = None
    tag: Name | None = None
    number: Id | None = None


@router.get("/weights")
def show_weights(caller: Reading) -> WeightsShape:
    """Show the weights and quotas."""
    in_force = weights.get_settings_in_force(caller.home)
    return WeightsShape(weights=list_weights(in_force), feeds_toml=list_weights(caller.home.settings))


@router.patch("/weights")
def set_weights(caller: Changing, body: WeightsBody) -> WeightsShape:
    """Set weights and quotas over feeds.toml, and rank the months under review again."""
    if weights.set_overrides(caller.home, body.weights):
        _rank(caller)
    return show_weights(caller)


@router.get("/rules")
def show_rules(caller: Reading) -> list[RuleShape]:
    """List all rules, removed ones included."""
    with caller.app.reading() as connection:
        return [RuleShape.of(rule) for rule in list_rules(connection)]


@router.post("/rules")
def save_rule(caller: Changing, body: RuleBody) -> RuleShape:
    """Save a rule, and rank the months under review again."""
    section = read_section(caller.home, body.section)
    values = body.model_dump() | {"section": section, "number": body.number or 0}
    saved = rules.save_rule(caller.home, Rule(**values))
    _rank(caller)
    return RuleShape.of(saved)


@router.post("/rules/{number}/{state}")
def turn_rule(caller: Changing, number: Annotated[int, Path(ge=1, le=LAST_ID)], state: RuleState) -> RuleShape:
    """Switch a rule on or off, or remove it, and rank the months under review again."""
    turned = rules.turn_rule(caller.home, number, state)
    _rank(caller)
    return RuleShape.of(turned)


def _rank(caller: Caller) -> None:
    caller.app.judge.rank_reviewed(months.find_open_month(caller.app))
