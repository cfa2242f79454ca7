"""Where templates of operators run: the sandbox of the stock templates, with nothing left that is not about writing a document.

Besides what a sandbox refuses anyway there are no methods, no other files, no joining or repeating by operators, and autoescaping
cannot be switched off. Loops can still be endless: that is what the limits of the process are for (`template_process`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
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

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, recursive loops, and the methods that read a mapping."""
        if isinstance(obj, (Macro, LoopContext)):
            return True
        return isinstance(getattr(obj, "__self__", None), dict) and obj.__name__ in OF_MAPPINGS


def compile_template(source: str, filters: Filters) -> Template:
    """A template ready to be filled. Raises what Jinja raises, for what it cannot parse or what is not allowed."""
    environment = GuestEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.filters = {**{name: environment.filters[name] for name in FILTERS}, **filters}
    tree = environment.parse(source)
    for node in tree.find_all(LOOKS_INTO_OTHERS):
        raise TemplateSyntaxError("A template stands alone: it cannot include, import or extend another.", node.lineno)
    for node in tree.find_all(nodes.EvalContextModifier):
        raise TemplateSyntaxError("Values are always escaped: autoescape cannot be switched.", node.lineno)
    code = environment.compile(source, "template", FILE)
    return Template.from_code(environment, code, environment.make_globals(None))
