"""Whether files fit a channel, said before they are sent. What does not may go as a link (links.py)."""

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from helpdesk.lib import files as kinds
from helpdesk.lib.outbound import Capabilities, FileRule, OutboundFile


def problems(files: Iterable[OutboundFile], capabilities: Capabilities) -> list[str]:
    """Say of each file why a channel would not take it; [] when all can be sent. Goes by the content, not the name."""
    given = list(files)
    found = [sentence for file in given if (sentence := problem(file, capabilities))]
    total = sum(len(file.data) for file in given)
    if given and not found and not capabilities.file_rules and total > capabilities.max_files_bytes:
        limit = _size(capabilities.max_files_bytes)
        found.append(_("The files are larger than %(limit)s together.") % {"limit": limit})
    return found


def problem(file: OutboundFile, capabilities: Capabilities) -> str:
    """Say why a channel would not take a file; '' when it would."""
    if not capabilities.file_rules:
        takes_any = not capabilities.in_pieces or capabilities.max_files_bytes > 0
        return "" if takes_any else _("This channel carries no files.")
    found = kinds.type_of(file.data)
    if kinds.rule_for(found, len(file.data), capabilities) is not None:
        return ""
    named = {"name": file.filename}
    largest = _largest(found, capabilities)
    if largest is None:
        return _("This channel does not carry files like “%(name)s”.") % named
    named |= {"size": _size(len(file.data)), "limit": _size(largest.max_bytes)}
    return _("“%(name)s” has %(size)s; this channel carries at most %(limit)s.") % named


def _largest(content_type: str, capabilities: Capabilities) -> FileRule | None:
    """Return the rule that would take most of this type; None where none takes it at all."""
    wanted = {kinds.kind_of(content_type), "file"}
    rules = [rule for rule in capabilities.file_rules if rule.kind in wanted and kinds.takes(rule, content_type)]
    return max(rules, key=lambda rule: rule.max_bytes, default=None)


def _size(size_bytes: int) -> str:
    return filesizeformat(size_bytes).replace("\xa0", " ")
