"""What moto works out anew at each call, though it comes out the same: kept instead; patched on import.

Of the work of a call to DynamoDB here, that was a third. What moto refuses, it still refuses.
"""

from __future__ import annotations

import pickle
from collections import deque
from functools import cache, lru_cache
from typing import Any

from moto import backend_index
from moto.core import responses
from moto.dynamodb import comparisons
from moto.dynamodb.parsing import ast_nodes, expressions, validators

_conditions: Any = comparisons.ConditionExpressionParser
_updates: Any = vars(expressions)["UpdateExpressionParser"]
_nodes: Any = ast_nodes
_core: Any = responses
# Of 200 services, whose addresses are tried one after the other.
_USED = {"dynamodb", "dynamodbstreams", "events", "kms", "ses", "sesv2", "sqs"}
_parse_condition = _conditions.parse
_lex = _conditions._lex_condition_expression  # noqa: SLF001 - it has no public place
_parse_update = _updates.make
_count_actions: Any = validators.ActionCountValidator.traverse
_without_overlaps: set[tuple[Any, ...]] = set()


def _parse_condition_once(parser: Any) -> Any:
    """A condition is parsed up to four times a call: when it is looked at, and when it is judged."""
    names, values = parser.expression_attribute_names, parser.expression_attribute_values
    operation, used_names, used_values = _condition(parser.condition_expression, _Given(names), _Given(values))
    parser.expr_attr_names_found.extend(used_names)
    parser.expr_attr_values_found.extend(used_values)
    return operation


class _Given:
    """Names or values of an expression, told apart by what they say."""

    def __init__(self, said: Any) -> None:
        self.said = said
        self._text = repr(said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(100)
def _condition(expression: str | None, names: _Given, values: _Given) -> tuple[Any, list[str], list[str]]:
    parser = _conditions(expression, names.said, values.said)
    return _parse_condition(parser), parser.expr_attr_names_found, parser.expr_attr_values_found


def _lex_once(parser: Any) -> Any:
    return deque(_words(parser.condition_expression))


@cache
def _words(expression: str) -> tuple[Any, ...]:
    return tuple(_lex(_conditions(expression, None, None)))


@cache
def _update(expression: str) -> Any:
    """The tree of an update, whose actions are counted; whoever changes it takes a copy."""
    tree = _parse_update(expression)
    _count_actions(validators.ActionCountValidator(), tree)
    tree.expression = expression
    tree.pickled = pickle.dumps(tree)
    return tree


def _copy_of_update(tree: Any, _memo: dict[int, Any]) -> Any:
    return pickle.loads(tree.pickled)


def _look_for_overlaps_once(validator: Any, tree: Any) -> Any:
    names = validator.expression_attribute_names
    looked_at = (tree.expression, *(names or {}).items())
    if looked_at not in _without_overlaps:
        _traverse(validator, tree)
        _without_overlaps.add(looked_at)
    return tree


def _traverse(traverser: Any, root: Any) -> Any:
    """Each node after its children, as moto does; by what a kind of node is processed is found once."""
    processing = traverser._processing_map()  # noqa: SLF001 - as above
    kinds = (*processing,)
    prepare = traverser.pre_processing_of_child

    def visit(node: Any, child_id: int) -> Any:
        parent = node.parent
        for number, child in enumerate(node.children or ()):
            prepare(node, number)
            if _is(type(child), _nodes.Node):
                visit(child, number)
        kind = _first(kinds, type(node))
        if kind:
            node = processing[kind](node)
            node.parent = parent
            if parent:
                parent.children[child_id] = node
        return node

    return visit(root, -1)


_is: Any = cache(issubclass)  # of abstract classes, Python works it out at each call


def _first_of(kinds: tuple[Any, ...], node: Any) -> Any:
    return next((kind for kind in kinds if issubclass(node, kind)), None)


_first: Any = cache(_first_of)


_conditions.parse = _parse_condition_once
_conditions._lex_condition_expression = _lex_once  # noqa: SLF001 - as above
_updates.make = _update
_nodes.UpdateExpression.__deepcopy__ = _copy_of_update
_nodes.DepthFirstTraverser.traverse = _traverse
validators.ActionCountValidator.traverse = lambda _, tree: tree
validators.OverlappingPathsValidator.traverse = _look_for_overlaps_once
backend_index.backend_url_patterns.sort(key=lambda each: each[0] not in _USED)
_core.method_names_from_class = cache(_core.method_names_from_class)
