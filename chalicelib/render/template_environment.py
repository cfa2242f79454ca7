"""Where templates of operators run: the sandbox of the stock templates, with nothing left that is not about writing a document.

Besides what a sandbox refuses anyway there are no methods, no other files, no joining or repeating by operators, and autoescaping
cannot be switched off. Loops can still be endless: that is what the limits of the process are for (`template_process`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chalicelib.render.html import FILTERS

LOOKS_INTO_OTHERS = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
OF_MAPPINGS = frozenset({"get", "items", "keys", "values"})
LARGEST_NUMBER = 10**15
FILE = "template.html"
"""The name of an operator's template in tracebacks, which tell its line."""

Filters = Mapping[str, Callable[..., object]]


class GuestEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox that calls macros and loops only, and reckons with numbers only."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse powers, and operators on texts and lists: a few characters would make gigabytes."""
        if operator == "**" or not all(
            isinstance(value, (int, float)) and abs(value) < LARGEST_NUMBER for value in (left, right)
        ):
            raise SecurityError(f"{operator!r} is for numbers below {LARGEST_NUMBER:.0e} only; write texts side by side with ~.")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Name what cannot be called: Jinja's own words tell what it is in Python."""
        if isinstance(obj, Undefined):
            obj()  # raises, with the name
        if not self.is_safe_callable(obj):
            name = getattr(obj, "__name__", type(obj).__name__)
            raise SecurityError(f"{name!r} cannot be called; only macros, and {', '.join(sorted(OF_MAPPINGS))} of mappings can.")
        return super().call(context, obj, *args, **kwargs)

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, recursive loops, and the methods that read a mapping."""
        if isinstance(obj, (Macro, LoopContext)):
            return True
        return isinstance(getattr(obj, "__self__", None), dict) and obj.__name__ in OF_MAPPINGS


def compile_template(source: str, filters: Filters) -> Template:
    """A template ready to be filled. Raises what Jinja raises, for what it cannot parse or what is not allowed."""
    environment = _environment(filters)
    _parse(environment, source)
    code = environment.compile(source, "template", FILE)
    return Template.from_code(environment, code, environment.make_globals(None))


def find_unknown_name(source: str, filters: Filters, known: Container[str]) -> tuple[str, int] | None:
    """The first name, with its line, that no document has and the template does not set; also where no sample comes by.

    Fields within a name are not looked at. Raises what `compile_template` raises.
    """
    tree = _parse(_environment(filters), source)
    names = list(tree.find_all(nodes.Name))
    set_here = {each.name for each in names if each.ctx != "load"}  # in one branch only is for the samples to find
    unknown = {name for name in find_undeclared_variables(tree) if name not in known and name not in set_here}
    found = sorted((each.lineno, each.name) for each in names if each.name in unknown)
    return (found[0][1], found[0][0]) if found else None


def _environment(filters: Filters) -> GuestEnvironment:
    environment = GuestEnvironment(
        autoescape=True, undefined=StrictUndefined, finalize=_value, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()
    environment.filters = {**{name: environment.filters[name] for name in FILTERS}, **filters}
    return environment


def _value(value: object) -> object:
    """What is written is a value: a method whose brackets were forgotten would print where it lies in memory."""
    if callable(value) and not isinstance(value, Undefined):
        raise SecurityError(f"{type(value).__name__!r} is no value that could be written; call it, with ( ).")
    return value


def _parse(environment: GuestEnvironment, source: str) -> nodes.Template:
    tree = environment.parse(source)
    for node in tree.find_all(LOOKS_INTO_OTHERS):
        raise TemplateSyntaxError("A template stands alone: it cannot include, import or extend another.", node.lineno)
    for node in tree.find_all(nodes.EvalContextModifier):
        raise TemplateSyntaxError("Values are always escaped: autoescape cannot be switched.", node.lineno)
    return tree
