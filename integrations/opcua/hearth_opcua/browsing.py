"""What a server says of its nodes: which there are below one, their types, ranges, units and options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from asyncua import ua
from asyncua.common.ua_utils import data_type_to_variant_type
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from hearth_opcua.items import Facts, Type
from hearth_opcua.session import Session, status_in_words

MOST_NODES = 500
_DEEPEST = 8
_AT_ONCE = 100  # nodes in one request: some servers take no more
_SHOWN = frozenset({ua.NodeClass.Object, ua.NodeClass.Variable, ua.NodeClass.Method})
_DESCRIBING = frozenset({"EURange", "EngineeringUnits", "EnumStrings", "EnumValues"})
_MAY_WRITE = 1 << 1  # the bit CurrentWrite of an access level
_ENUMERATIONS = (Type.INT32, Type.UINT32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A variable or method below a browsed node, with the names of the objects between."""

    node: str
    name: str
    is_method: bool = False
    parent: str | None = None


async def browse(session: Session, root: str) -> list[Found]:
    """Return the variables and the methods without arguments below a node, at most MOST_NODES; the server's own are left out."""
    found: list[Found] = []
    waiting: list[tuple[str, tuple[str, ...]]] = [(await resolve(session, root), ())]
    seen = {waiting[0][0]}
    while waiting and len(found) < MOST_NODES:
        node_id, path = waiting.pop(0)
        for child in await _children(session, node_id):
            name, child_id = child.DisplayName.Text or child.BrowseName.Name, child.NodeId.to_string()
            if child_id in seen or child.NodeId.NamespaceIndex == 0:
                continue
            seen.add(child_id)
            if child.NodeClass is ua.NodeClass.Object:
                if len(path) < _DEEPEST:
                    waiting.append((child_id, (*path, name)))
                continue
            is_method = child.NodeClass is ua.NodeClass.Method
            found.append(Found(node=child_id, name=" ".join((*path, name)), is_method=is_method, parent=node_id))
    return found[:MOST_NODES]


async def resolve(session: Session, node_id: str) -> str:
    """Return a node id with the number of its namespace for one with its URI (``nsu=``).

    A namespace that the server does not have gets a number that it does not have either.
    """
    if not node_id.startswith("nsu="):
        return node_id
    uri, _, rest = node_id.removeprefix("nsu=").partition(";")
    namespaces = await session.client.get_namespace_array()
    return f"ns={namespaces.index(uri) if uri in namespaces else 0xFFFF};{rest}"


async def facts_of(session: Session, wanted: Sequence[Found]) -> list[Facts]:
    """Return what the server says of these nodes, in their order."""
    facts: list[Facts] = []
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        nodes = [session.node(each.node).nodeid for each in part]
        read = session.client.uaclient.read_attributes
        classes, names, values, levels, types = [
            await read(nodes, attribute)
            for attribute in (
                AttributeIds.NodeClass,
                AttributeIds.DisplayName,
                AttributeIds.Value,
                AttributeIds.UserAccessLevel,
                AttributeIds.DataType,
            )
        ]
        for row in zip(part, classes, names, values, levels, types, strict=True):
            facts.append(await _facts(session, *row))  # noqa: PERF401 - an asynchronous generator is no plainer
    return facts


async def _facts(session: Session, found: Found, kind: Any, name: Any, value: Any, level: Any, data_type: Any) -> Facts:
    if kind.StatusCode is not None and kind.StatusCode.is_bad():
        return Facts(node=found.node, name=found.name or found.node, wrong=status_in_words(kind.StatusCode.value))
    shown = found.name or name.Value.Value.Text or found.node
    plain = Facts(node=found.node, name=shown, parent=found.parent)
    if kind.Value.Value == ua.NodeClass.Method:
        parent = found.parent or await _object_of(session, found.node)
        arguments = await _properties(session, found.node, frozenset({"InputArguments"}))
        wrong = "it needs arguments" if arguments.get("InputArguments") else None
        return replace(plain, type=Type.METHOD, parent=parent, wrong=wrong)
    if kind.Value.Value != ua.NodeClass.Variable:
        return replace(plain, wrong="it is neither a variable nor a method")
    if value.Value is not None and value.Value.is_array:
        return replace(plain, wrong="it holds a list of values")
    held = await _type(session, value, data_type)
    if held is None:
        return replace(plain, wrong="it holds nothing that an entity could show")
    writable = bool(level.Value is not None and int(level.Value.Value or 0) & _MAY_WRITE)
    return await _described(session, replace(plain, type=held, writable=writable), data_type)


async def _described(session: Session, facts: Facts, data_type: Any) -> Facts:
    """Add the range, unit and options that a node's properties, or those of its enumeration, name."""
    if facts.type is None or not facts.type.is_number:
        return facts
    said = await _properties(session, facts.node, _DESCRIBING)
    if facts.type in _ENUMERATIONS and not said and data_type.Value.Value.Identifier != facts_type_id(facts.type):
        said = await _properties(session, data_type.Value.Value.to_string(), _DESCRIBING)
    extent, unit = said.get("EURange"), said.get("EngineeringUnits")
    return replace(
        facts,
        low=getattr(extent, "Low", None),
        high=getattr(extent, "High", None),
        unit=getattr(getattr(unit, "DisplayName", None), "Text", None),
        options=_options(said),
    )


def facts_type_id(of: Type) -> int:
    """Return the number of a built-in type's node: one that holds plain numbers has that as its data type."""
    return int(ua.VariantType[of.value].value)


def _options(said: dict[str, Any]) -> dict[int, str]:
    if names := said.get("EnumStrings"):
        listed = enumerate(text.Text for text in names)
    else:
        listed = ((int(each.Value), each.DisplayName.Text) for each in said.get("EnumValues") or ())  # type: ignore[assignment]
    options = {number: text for number, text in listed if text}
    return options if len(set(options.values())) == len(options) else {}


async def _children(session: Session, node_id: str) -> list[Any]:
    """Return what is below a node, without its properties."""
    references = await session.node(node_id).get_references(ObjectIds.HierarchicalReferences)
    below = [each for each in references if each.IsForward and each.NodeClass in _SHOWN]
    return [each for each in below if each.ReferenceTypeId.Identifier != ObjectIds.HasProperty]


async def _properties(session: Session, node_id: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of a node's properties of these names, as far as it has them."""
    references = await session.node(node_id).get_references(
        ObjectIds.HasProperty, ua.BrowseDirection.Forward, ua.NodeClass.Variable
    )
    chosen = [each for each in references if each.BrowseName.Name in names]
    if not chosen:
        return {}
    values = await session.client.uaclient.read_attributes([each.NodeId for each in chosen], AttributeIds.Value)
    return {
        each.BrowseName.Name: value.Value.Value
        for each, value in zip(chosen, values, strict=True)
        if value.Value is not None
    }


async def _object_of(session: Session, method: str) -> str | None:
    references = await session.node(method).get_references(
        ObjectIds.HasComponent, ua.BrowseDirection.Inverse, ua.NodeClass.Object
    )
    return references[0].NodeId.to_string() if references else None


async def _type(session: Session, value: Any, data_type: Any) -> Type | None:
    """Return the built-in type: of the value where there is one, otherwise of the node's data type."""
    held = value.Value.VariantType if value.Value is not None else ua.VariantType.Null
    if held is ua.VariantType.Null and data_type.Value is not None:
        held = await data_type_to_variant_type(session.node(data_type.Value.Value.to_string()))
    name = getattr(held, "name", "")
    return Type(name) if name in set(Type) - {Type.METHOD} else None
