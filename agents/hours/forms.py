"""The editor of a calendar: its week as text, a day a line, and the days of its own."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.hours import feasts, keeping, writing
from agents.models import Brand, Calendar, Holiday, Workspace
from helpdesk.lib.hours import Slots

OFFICE = "09:00–18:00"


class SlotsField(forms.CharField):
    """The slots of a day as text; empty: closed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=writing.TEXT_MAX, **kwargs)
        self.widget.attrs |= {"class": "input", "dir": "ltr", "translate": "no", "autocomplete": "off",
                              "spellcheck": "false"}  # fmt: skip

    def clean(self, value: Any) -> Slots:
        """Return the slots."""
        try:
            return writing.read(super().clean(value))
        except writing.Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class LongSelect(forms.Select):
    """Draws hundreds of choices in one go: a template for each of them takes half a second."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> str:  # type: ignore[override]
        """Return the list."""
        told, chosen = ('<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'), str(value or "")
        options = [format_html(told[str(one) == chosen], one, label) for one, label in self.choices]
        drawn = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", drawn, format_html_join("", "{}", ((one,) for one in options)))


class DayInput(forms.DateInput):
    """A day as browsers write it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "input"}, format="%Y-%m-%d")


class OwnDayForm(forms.Form):
    """A day of a calendar's own. A line that says nothing is none."""

    on = forms.DateField(label=gettext_lazy("Day"), required=False, widget=DayInput)
    name = forms.CharField(label=gettext_lazy("What it is"), required=False, max_length=Holiday.NAME_MAX)
    slots = SlotsField(label=gettext_lazy("Open (empty: closed)"))

    def __init__(self, *args: Any, place: int, is_new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "prefix": f"own-{place}", **kwargs})
        self.place = place
        self.fields["name"].widget.attrs |= {"class": "input", "dir": "auto", "autocomplete": "off"}
        if is_new:
            self.fields["on"].widget.attrs["autofocus"] = True

    def clean_on(self) -> date | None:
        """Ask for the day of what is named."""
        on: date | None = self.cleaned_data["on"]
        if on is None and any(self.data.get(self.add_prefix(name), "").strip() for name in ("name", "slots")):
            raise forms.ValidationError(_("Which day?"))
        return on


class CalendarForm(forms.Form):
    """A calendar; what needs the others' is decided by `keeping`. act: "add" a line, "remove-<place>", "show"."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=1_000)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), widget=LongSelect,
        error_messages={"invalid_choice": gettext_lazy("There is no such time zone.")},
    )  # fmt: skip
    is_always_open = forms.BooleanField(label=gettext_lazy("Open around the clock, every day"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False, widget=LongSelect)
    subdivision = forms.ChoiceField(label=gettext_lazy("Region"), required=False)

    def __init__(self, data: QueryDict | None, *, row: Calendar | None, zone: str, act: str = "") -> None:
        super().__init__(data, initial=_shown(row, zone), label_suffix="", auto_id="calendar-%s")
        for weekday, label in WEEKDAYS.items():
            self.fields[f"day_{weekday}"] = SlotsField(label=label)
        self.shown_country = data.get("country", "") if data else (row.country if row else "")
        self._offer()
        self.own = self._own_of(data, act) if data else _own_shown(row)

    @property
    def week(self) -> list[Any]:
        """The fields of the weekdays."""
        return [self[f"day_{weekday}"] for weekday in range(7)]

    @property
    def is_full(self) -> bool:
        """Whether there are as many days of its own as there may be."""
        return len(self.own) >= keeping.OWN_DAYS_MAX

    def is_valid(self) -> bool:
        """Whether it and all its days are; a day that stands here twice is not."""
        are_valid, seen = super().is_valid(), set()
        for one in self._filled():
            are_valid = one.is_valid() and are_valid
            on = one.cleaned_data.get("on")
            if on in seen:
                one.add_error("on", _("This day stands here twice."))
                are_valid = False
            seen |= {on} - {None}
        return are_valid

    def wanted(self) -> keeping.Wanted:
        """Return what was chosen."""
        said = self.cleaned_data
        own = [one.cleaned_data for one in self._filled() if one.cleaned_data["on"]]
        return keeping.Wanted(
            said["name"], said["time_zone"], tuple(said[f"day_{weekday}"] for weekday in range(7)),
            said["is_always_open"], said["country"], said["subdivision"],
            tuple(keeping.OwnDay(day["on"], day["name"], day["slots"]) for day in own),
        )  # fmt: skip

    def clean_subdivision(self) -> str:
        """Forget the region of another country: its list was drawn for that one."""
        is_of_another = self.data.get("regions_of", "") != self.cleaned_data.get("country", "")
        return "" if is_of_another else str(self.cleaned_data["subdivision"])

    def _filled(self) -> list[OwnDayForm]:
        """The lines that came with the page; one that is drawn now says nothing yet."""
        return [one for one in self.own if one.is_bound]

    def _offer(self) -> None:
        zones, regions = sorted(available_timezones()), feasts.subdivisions(self.shown_country)
        offered = {
            "time_zone": [(zone, zone.replace("_", " ")) for zone in zones],
            "country": [("", _("No country")), *feasts.countries()],
            "subdivision": [("", _("The whole country")), *regions],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            # Names of places stay as they are, whoever translates the page.
            self.fields[name].widget.attrs |= {"class": "input", "translate": "no"}
        if self.is_bound and self.data.get("regions_of", "") != self.shown_country:
            self.fields["subdivision"].choices += [(self.data.get("subdivision", ""), "")]  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs |= {
            "class": "input", "dir": "auto", "required": True, "maxlength": Calendar.NAME_MAX, "autocomplete": "off",
        }  # fmt: skip

    def _own_of(self, data: QueryDict, act: str) -> list[OwnDayForm]:
        places = sorted({int(one) for one in data.getlist("own") if one.isascii() and one.isdigit() and len(one) < 6})
        places = [place for place in places if act != f"remove-{place}"][: keeping.OWN_DAYS_MAX]
        own = [OwnDayForm(data, place=place) for place in places]
        if act == "add" and len(own) < keeping.OWN_DAYS_MAX:
            own.append(OwnDayForm(place=max(places, default=-1) + 1, is_new=True))
        return own


class ChoiceForm(forms.Form):
    """Which calendar counts on the whole desk, and for each brand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", "auto_id": "choice-%s", **kwargs})
        self.fields["default"] = calendar_field(_("The whole desk"), _("Always open"))
        self.fields["default"].initial = Workspace.get().calendar
        for brand in Brand.objects.order_by("name"):
            field = self.fields[f"brand-{brand.pk}"] = calendar_field(brand.name, _("As the whole desk"))
            field.initial = brand.calendar

    def of_brands(self) -> dict[int, Calendar | None]:
        """Return what was chosen for brands, by their key."""
        names = (name for name in self.cleaned_data if name.startswith("brand-"))
        return {int(name.removeprefix("brand-")): self.cleaned_data[name] for name in names}


def calendar_field(label: Any, empty_label: Any) -> forms.ModelChoiceField:
    """Return a field to choose a calendar."""
    field = forms.ModelChoiceField(
        Calendar.objects.order_by("name"), label=label, required=False, empty_label=empty_label
    )
    field.widget.attrs |= {"class": "input", "dir": "auto"}
    return field


def _shown(row: Calendar | None, zone: str) -> dict[str, Any]:
    if row is None:
        return {"time_zone": zone, **{f"day_{weekday}": OFFICE for weekday in range(5)}}
    names = ("name", "time_zone", "is_always_open", "country", "subdivision")
    week = enumerate(writing.week_of(row.slots))
    return {name: getattr(row, name) for name in names} | {f"day_{n}": writing.write(slots) for n, slots in week}


def _own_shown(row: Calendar | None) -> list[OwnDayForm]:
    rows = row.holidays.order_by("on") if row else []
    return [
        OwnDayForm(place=place, initial={"on": day.on, "name": day.name,
                                         "slots": writing.write(writing.slots_of(day.slots))})
        for place, day in enumerate(rows)
    ]  # fmt: skip
