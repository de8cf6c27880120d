"""Expressions of a scheme (条件式): a small whitelist of syntax compiled once; nothing is ever handed to `eval`.

Values are exact numbers, flags and texts. `None` is unknown (未知) and stays unknown: three-valued logic after Kleene,
so "no and unknown" is no, "yes and unknown" is unknown, and unknown arithmetic is unknown, never zero.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from app.ratings.rules.numbers import exact, round_half_up, written

Kind = Literal["number", "flag", "text", "unknown"]
Value = Fraction | bool | str | None
Env = Mapping[str, Value]
Run = Callable[[Env], Value]
Steps = tuple[tuple[Fraction, Fraction], ...]
Lookup = Mapping[str, Value]

LONGEST: Final = 600
DEEPEST: Final = 40


class ExpressionFault(Exception):
    """An expression that the whitelist refuses (条件式有误). `code` names the fault for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression (已编译的条件式): its text, the names it reads, the kind of its value."""

    source: str
    names: frozenset[str]
    kind: Kind
    run: Run


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an expression may speak of (可用名称): names with kinds, tables, and the level order, worst first."""

    names: Mapping[str, Kind]
    steps: Mapping[str, Steps]
    lookups: Mapping[str, Lookup]
    order: Sequence[str]

    def with_names(self, more: Mapping[str, Kind]) -> Vocabulary:
        """The same vocabulary with further names (加上局部名称)."""
        return Vocabulary({**self.names, **more}, self.steps, self.lookups, self.order)


def compile_expression(source: str, vocabulary: Vocabulary) -> Expression:
    """Compile one expression (编译条件式), or raise ExpressionFault saying what is wrong with it."""
    if len(source) > LONGEST:
        raise ExpressionFault("expression.too_long", f"条件式超过 {LONGEST} 个字符")
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionFault("expression.syntax", f"条件式写法不通：{source}") from error
    compiler = _Compiler(source.strip(), vocabulary)
    kind, run = compiler.compile(tree.body, 0)
    return Expression(source.strip(), frozenset(compiler.names), kind, run)


def conjuncts(source: str) -> list[str]:
    """The parts of a requirement joined by `and` (拆成各个条件), in normal spelling."""
    body = ast.parse(source.strip(), mode="eval").body
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    return [ast.unparse(part) for part in parts]


def bound(source: str) -> tuple[str, str, Fraction] | None:
    """Read "something >= constant" (界限条件) as (something, operator, constant); None for any other form."""
    body = ast.parse(source, mode="eval").body
    if not isinstance(body, ast.Compare) or len(body.ops) != 1 or not isinstance(body.comparators[0], ast.Constant):
        return None
    try:
        limit = exact(ast.get_source_segment(source, body.comparators[0]))
    except ValueError:
        return None
    return ast.unparse(body.left), _SIGNS.get(type(body.ops[0]), "?"), limit


_SIGNS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.GtE: ">=",
    ast.Gt: ">",
    ast.LtE: "<=",
    ast.Lt: "<",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.GtE: operator.ge, ast.Gt: operator.gt, ast.LtE: operator.le, ast.Lt: operator.lt,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def _always(value: Value) -> Run:
    return lambda _env: value


def _all(parts: Sequence[Run]) -> Run:
    def run(env: Env) -> Value:
        verdict: Value = True
        for part in parts:
            said = part(env)
            if said is False:
                return False
            if said is None:
                verdict = None
        return verdict

    return run


def _any(parts: Sequence[Run]) -> Run:
    def run(env: Env) -> Value:
        verdict: Value = False
        for part in parts:
            said = part(env)
            if said is True:
                return True
            if said is None:
                verdict = None
        return verdict

    return run


def _when_known(parts: Sequence[Run], then: Callable[..., Value]) -> Run:
    def run(env: Env) -> Value:
        given = [part(env) for part in parts]
        return None if None in given else then(*given)

    return run


class _Compiler:
    """Walks the syntax tree once and builds closures (编译器)."""

    def __init__(self, source: str, vocabulary: Vocabulary) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.names: set[str] = set()

    def compile(self, node: ast.expr, depth: int) -> tuple[Kind, Run]:
        """One node to its kind and closure (编译一个结点)."""
        if depth > DEEPEST:
            raise ExpressionFault("expression.too_long", "条件式嵌套太深")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.BoolOp():
                parts = [self._expect(part, "flag", depth) for part in node.values]
                return "flag", (_all if isinstance(node.op, ast.And) else _any)(parts)
            case ast.UnaryOp(op=ast.Not()):
                return "flag", _when_known([self._expect(node.operand, "flag", depth)], operator.not_)
            case ast.UnaryOp(op=ast.USub()):
                return "number", _when_known([self._expect(node.operand, "number", depth)], operator.neg)
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return "number", self._arithmetic(node, depth)
            case ast.Compare():
                return "flag", self._comparison(node, depth)
            case ast.IfExp():
                return self._choice(node, depth)
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _CALLS:
                return _CALLS[name](self, node.args, depth + 1)
        raise ExpressionFault("expression.forbidden", f"条件式里不允许这种写法：{ast.unparse(node)}")

    def _expect(self, node: ast.expr, kind: Kind, depth: int) -> Run:
        found, run = self.compile(node, depth + 1)
        if found not in (kind, "unknown"):
            raise ExpressionFault("expression.type", f"“{ast.unparse(node)}”是 {found}，这里要 {kind}")
        return run

    def _constant(self, node: ast.Constant) -> tuple[Kind, Run]:
        if isinstance(node.value, bool | str):
            return kind_of(node.value), _always(node.value)
        if isinstance(node.value, int | float):
            return "number", _always(self._number(node))
        raise ExpressionFault("expression.forbidden", f"条件式里不允许这个常量：{node.value!r}")

    def _number(self, node: ast.Constant) -> Fraction:
        try:
            return exact(ast.get_source_segment(self.source, node))
        except ValueError as error:
            raise ExpressionFault("number.inexact", f"不是精确数：{node.value!r}") from error

    def _name(self, node: ast.expr) -> tuple[Kind, Run]:
        name = ast.unparse(node)
        if name == "unknown":
            return "unknown", _always(None)
        if name not in self.vocabulary.names:
            raise ExpressionFault("name.unknown", f"条件式用了没有定义的名称“{name}”")
        self.names.add(name)
        return self.vocabulary.names[name], lambda env: env.get(name)

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Run:
        parts = [self._expect(node.left, "number", depth), self._expect(node.right, "number", depth)]
        apply = _ARITHMETIC[type(node.op)]

        def safely(left: Fraction, right: Fraction) -> Value:
            return None if right == 0 and apply is operator.truediv else apply(left, right)

        return _when_known(parts, safely)

    def _comparison(self, node: ast.Compare, depth: int) -> Run:
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        return _all([self._pair(left, op, right, depth) for left, op, right in pairs])

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Run:
        kind, run = self.compile(left, depth + 1)
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.Tuple | ast.List):
                raise ExpressionFault("expression.forbidden", "in 的右边要写成列表")
            found = _any([_when_known([run, self._expect(each, kind, depth)], operator.eq) for each in right.elts])
            return found if isinstance(op, ast.In) else _when_known([found], operator.not_)
        if type(op) not in _COMPARE:
            raise ExpressionFault("expression.forbidden", "不允许这种比较")
        if kind not in ("number", "unknown") and not isinstance(op, ast.Eq | ast.NotEq):
            raise ExpressionFault("expression.type", f"“{ast.unparse(left)}”不是数，不能比大小")
        return _when_known([run, self._expect(right, kind, depth)], _COMPARE[type(op)])

    def _choice(self, node: ast.IfExp, depth: int) -> tuple[Kind, Run]:
        test = self._expect(node.test, "flag", depth)
        kind, then = self.compile(node.body, depth + 1)
        other, otherwise = self.compile(node.orelse, depth + 1)
        if kind != other and "unknown" not in (kind, other):
            raise ExpressionFault("expression.type", f"两个分支类型不同：{ast.unparse(node)}")

        def run(env: Env) -> Value:
            said = test(env)
            return None if said is None else then(env) if said else otherwise(env)

        return other if kind == "unknown" else kind, run

    def numbers(self, nodes: Sequence[ast.expr], depth: int) -> list[Run]:
        """Arguments that must all be numbers (数值参数)."""
        return [self._expect(node, "number", depth) for node in nodes]

    def any_kind(self, node: ast.expr, depth: int) -> tuple[Kind, Run]:
        """An argument of any kind (任意参数)."""
        return self.compile(node, depth)

    def texts(self, nodes: Sequence[ast.expr], depth: int) -> list[Run]:
        """Arguments that must all be texts (文字参数)."""
        return [self._expect(node, "text", depth) for node in nodes]

    def table_name(self, nodes: Sequence[ast.expr], known: Mapping[str, object]) -> str:
        """The first argument as the constant name of a table (表名)."""
        first = nodes[0] if len(nodes) == 2 else None
        name = first.value if isinstance(first, ast.Constant) else None
        if not isinstance(name, str) or name not in known:
            raise ExpressionFault("name.unknown", f"没有这张表：{ast.unparse(first) if first else '(缺参数)'}")
        return name


Called = tuple[Kind, Run]


def _need(nodes: Sequence[ast.expr], least: int, most: int, what: str) -> None:
    if not least <= len(nodes) <= most:
        raise ExpressionFault("expression.syntax", f"{what} 的参数个数不对")


def _known(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 1, 1, "known")
    run = c.any_kind(nodes[0], depth)[1]
    return "flag", lambda env: run(env) is not None


def _min(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 1, 50, "min")
    return "number", _when_known(c.numbers(nodes, depth), lambda *given: min(given))


def _max(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 1, 50, "max")
    return "number", _when_known(c.numbers(nodes, depth), lambda *given: max(given))


def _clamp(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 3, 3, "clamp")
    return "number", _when_known(c.numbers(nodes, depth), lambda value, low, high: max(low, min(high, value)))


def _round(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 1, 2, "round_half_up")
    return "number", _when_known(c.numbers(nodes, depth), round_half_up)


def _tier(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    steps = c.vocabulary.steps[c.table_name(nodes, c.vocabulary.steps)]
    return "number", _when_known(c.numbers(nodes[1:], depth), lambda value: tier(steps, value))


def _lookup(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    table = c.vocabulary.lookups[c.table_name(nodes, c.vocabulary.lookups)]
    key = c.any_kind(nodes[1], depth)[1]
    kinds = {kind_of(value) for value in table.values()}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "unknown"
    return kind, _when_known([key], lambda value: table.get(written(value) if isinstance(value, Fraction) else value))


def _count(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 2, 50, "count")
    runs = c.texts(nodes, depth)
    return "number", _when_known(runs, lambda wanted, *given: Fraction(sum(each == wanted for each in given)))


def _at_most(c: _Compiler, nodes: Sequence[ast.expr], depth: int) -> Called:
    _need(nodes, 2, 2, "at_most")
    order = list(c.vocabulary.order)

    def worse(value: str, cap: str) -> Value:
        known = value in order and cap in order
        return order[min(order.index(value), order.index(cap))] if known else None

    return "text", _when_known(c.texts(nodes, depth), worse)


_CALLS: Final[Mapping[str, Callable[[_Compiler, Sequence[ast.expr], int], Called]]] = {
    "known": _known, "min": _min, "max": _max, "clamp": _clamp, "round_half_up": _round, "tier": _tier,
    "lookup": _lookup, "count": _count, "at_most": _at_most,
}  # fmt: skip


def kind_of(value: Value) -> Kind:
    """The kind of a value (值的类型)."""
    if value is None:
        return "unknown"
    return "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def tier(steps: Steps, value: Fraction) -> Fraction:
    """Points of the highest step that `value` reaches (分档得分); below the lowest step 0."""
    return max((points for threshold, points in steps if value >= threshold), default=Fraction(0))
