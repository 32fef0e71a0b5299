"""YAML as people write it: values, lists and names, each name once; nothing that refers or builds."""

from typing import Any

import yaml

_MAX_DEPTH = 20


class PlainYamlError(ValueError):
    """A text is no plain YAML.

    Attributes:
        problem: what is wrong, in one line.
        line: where it was met, from 1; None where the reader knows no place.
    """

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.problem, self.line = problem, line


def load_plain(text: str) -> Any:
    """Read a text of plain YAML: no tags, no aliases, no key twice, at most 20 levels deep.

    Raises:
        PlainYamlError: with the first problem met; whatever the text is, nothing else is raised.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PlainYamlError(" ".join(str(error.problem).split()), line) from None
    except yaml.YAMLError as error:
        raise PlainYamlError(" ".join(str(error).split()), None) from None


class _Loader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _problem("aliases (*name) are not used here", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _problem(f"tags ({event.tag}) are not used here", event.start_mark)
        self._depth = getattr(self, "_depth", 0) + 1
        if self._depth > _MAX_DEPTH:
            raise _problem("nested too deep", event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:  # a day that no month has, a number without end
            raise _problem(f"{str(node.value)[:40]!r}: {error}", node.start_mark) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> dict:
        names: list[object] = []
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in names:
                raise _problem(f"the key {name!r} stands twice", key.start_mark)
            names.append(name)
        return super().construct_mapping(node, deep)


def _problem(text: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=text, problem_mark=mark)
