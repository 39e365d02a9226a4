"""Issued annual reports: figures and texts as reported, independent of later changes of records.

``reporting.annual_report.issuing`` adds these rows. Triggers of the database (a migration) then
reject every change, deletion and addition. The rows hold the whole report in every language, so
that it can be rendered when the plan and the records have changed.

Texts in JSON are ``{"en": "Senegal", "fr": "Sénégal", ...}``, numbers exact decimals as text, and
times ISO 8601 in UTC; ``reporting.annual_report.snapshot.stored`` has the types.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from strategy.choices import Dimension, Frequency, Measure, Rating, RecordKind
from strategy.models import Plan

DIGITS, DECIMALS = 24, 10
"""The size of a reported number: enough decimals for every rating, exact in SQLite."""


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def with_address(self) -> "AnnualReportQuerySet":
        """Annotate ``is_ambiguous``: another plan has a report of a year with the same name."""
        same = AnnualReport.objects.filter(year=models.OuterRef("year"))
        elsewhere = same.exclude(plan=models.OuterRef("plan"))
        return self.annotate(is_ambiguous=models.Exists(elsewhere))

    def with_files(self) -> "AnnualReportQuerySet":
        return (
            self.with_address()
            .select_related("corrects", "corrected_by")
            .prefetch_related("files", "requests")
        )

    def called(self, year: str, version: int, plan_code: str = "") -> "AnnualReportQuerySet":
        """Return the reports that a URL may mean, the latest plan first; of a plan, only one."""
        reports = self.with_files().select_related("plan").filter(year=year, version=version)
        if plan_code:
            reports = reports.filter(plan_code=plan_code)
        return reports.order_by("-as_of", "-plan__starts_on")


class AnnualReport(models.Model):
    """One issue of a year's figures, as of the last day of that year.

    A correction is a report of the same year with the next version; both remain. The plan's days
    and thresholds are copied, because ratings and time axes depend on them. In JSON:

    - ``words``: the plan's title, and the names of the codes in citations and ``people``
    - ``narrative``: the text of each written ``NarrativeSection``, by its name
    - ``people``, ``money``, ``people_reached``, ``learning``: as in ``stored``; None where nothing
      is recorded, the last three also in reports issued before they had these chapters
    - ``changes`` (of a correction), ``restatements`` of earlier years: as in ``stored``
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="annual_reports")
    year = models.CharField(_("year"), max_length=9)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    as_of = models.DateField(_("figures as of"))
    elapsed = models.DecimalField(
        _("share of the plan elapsed"), max_digits=DIGITS, decimal_places=DECIMALS
    )
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("issued by"),
    )
    issued_by_name = models.CharField(_("name of who issued it"), max_length=310)
    plan_code = models.CharField(_("plan"), max_length=40)
    starts_on = models.DateField(_("first day of the plan"))
    ends_on = models.DateField(_("last day of the plan"))
    year_starts_in = models.PositiveSmallIntegerField(_("first month of the reporting year"))
    thresholds = models.JSONField(
        _("thresholds"), help_text=_("Of the ratings, under the names that they have in the plan.")
    )
    words = models.JSONField(_("words"))
    narrative = models.JSONField(_("narrative"), default=dict)
    people = models.JSONField(_("people trained"), null=True)
    money = models.JSONField(_("money"), null=True)
    people_reached = models.JSONField(_("people reached"), null=True)
    learning = models.JSONField(_("learning"), null=True)
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="corrected_by",
        verbose_name=_("version that it corrects"),
    )
    correction = models.JSONField(_("why it corrects that version"), default=dict)
    changes = models.JSONField(_("figures corrected"), default=list)
    restatements = models.JSONField(_("earlier figures that read differently now"), default=list)
    code_digest = models.CharField(  # noqa: DJ001 - a later column of a sealed table may be None
        _("digest of the code that calculated it"), max_length=64, null=True
    )

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "-as_of", "-version"]
        verbose_name = _("annual report")
        verbose_name_plural = _("annual reports")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "year", "version"], name="one_report_a_plan_year_and_version"
            ),
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="report_version_counts_from_1"
            ),
            models.CheckConstraint(
                condition=models.Q(elapsed__range=(0, 1)), name="report_elapsed_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(version=1, corrects__isnull=True)
                | models.Q(version__gt=1, corrects__isnull=False),
                name="later_version_corrects_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_code} {self.year}, {self.version}"

    @property
    def public_keys(self) -> list[str]:
        """The keys that signed the PDFs: more than one after a change of keys."""
        return list(dict.fromkeys(file.public_key for file in self.files.all() if file.public_key))

    @property
    def address_query(self) -> str:
        """The plan, if another has a year of that name; empty unless loaded ``with_address``."""
        return f"?plan={self.plan_code}" if getattr(self, "is_ambiguous", False) else ""

    def get_absolute_url(self) -> str:
        return reverse("reporting:report_detail", args=[self.year, self.version]) + (
            self.address_query
        )


class ReportedPriority(models.Model):
    """A priority as reported, with its axes: the first column of the summary table.

    ``story`` is the text on what changed for children and systems; None where none is written, and
    in reports issued before there were stories.
    """

    report = models.ForeignKey(AnnualReport, on_delete=models.CASCADE, related_name="priorities")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.JSONField(_("title"))
    axes = models.JSONField(_("axes"), default=list)
    story = models.JSONField(_("story"), null=True)

    class Meta:
        ordering = ["report", "number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reported_priority_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title.get(settings.LANGUAGE_CODE)}"


class ReportedObjective(models.Model):
    """An objective as reported, with the rating that results from its targets.

    ``rating_before`` is the rating a reporting year earlier: as that year's report had it, else as
    it is worked out now; empty in the plan's first year.
    """

    priority = models.ForeignKey(
        ReportedPriority, on_delete=models.CASCADE, related_name="objectives"
    )
    number = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("code"), max_length=20)
    statement = models.JSONField(_("statement"))
    short_title = models.JSONField(_("short title"))
    rating = models.CharField(_("rating"), max_length=12, choices=Rating.choices)
    rating_before = models.CharField(
        _("rating a year before"), max_length=12, choices=Rating.choices, blank=True
    )

    class Meta:
        ordering = ["priority", "number"]
        constraints = [
            models.UniqueConstraint(fields=["priority", "code"], name="reported_objective_once"),
            models.CheckConstraint(
                condition=models.Q(rating__in=Rating.values), name="reported_objective_has_a_rating"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReportedActual(models.Model):
    """What was reported against one target: its definition, its value and its rating.

    The columns of the definition are those of a target. ``value``, ``numerator``, ``denominator``
    and ``expected`` are those of the rollup, ``this_year`` is the value of the year alone; None is
    "no data", never zero. In JSON:

    - ``words``: the target's statement, name, unit and rule, and those of its ``indicator``
    - ``years``, ``countries`` (None unless they are counted), ``conditions``: as in ``stored``
    - ``slices``: code, label, value, records
    - ``trend``: the days on which a count rose, with its value from then on; None for other targets
    - ``left_out``: the number of excluded records of the kind, by reason
    - ``override``: of a rating that an officer set: calculated, reason, by (a name), at; else None.
      ``rating`` is then the officer's, ``calculated`` that of the rule
    - ``numbers`` that the measure calculates with: none, one, or a ratio's two. None in reports
      issued before targets named them
    - ``judgement`` of a judged target, as in ``stored``; None of other targets
    - ``versions`` of the target by the report's day, the first one first; the last has the words
      and the range above. None in reports issued before targets had versions

    ``value_before`` and ``rating_before`` are of a reporting year earlier, empty in the first year.
    """

    objective = models.ForeignKey(
        ReportedObjective, on_delete=models.CASCADE, related_name="actuals"
    )
    number = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("code of the target"), max_length=40)
    indicator = models.CharField(_("code of the indicator"), max_length=20)
    words = models.JSONField(_("words"))
    record_kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    measure = models.CharField(_("measure"), max_length=20, choices=Measure.choices)
    dimension = models.CharField(
        _("dimension"), max_length=30, choices=Dimension.choices, blank=True
    )
    frequency = models.CharField(_("how often"), max_length=20, choices=Frequency.choices)
    minimum = models.DecimalField(_("minimum"), max_digits=14, decimal_places=4, null=True)
    maximum = models.DecimalField(_("maximum"), max_digits=14, decimal_places=4, null=True)
    due_months = models.PositiveSmallIntegerField(_("months until due"))
    value = models.DecimalField(_("value"), null=True, max_digits=DIGITS, decimal_places=DECIMALS)
    numerator = models.DecimalField(
        _("numerator"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    denominator = models.DecimalField(
        _("denominator"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    this_year = models.DecimalField(
        _("value of the year alone"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    expected = models.DecimalField(
        _("expected by then"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    rating = models.CharField(_("rating"), max_length=12, choices=Rating.choices)
    slices = models.JSONField(_("disaggregation"), default=list)
    years = models.JSONField(_("years"), default=list)
    trend = models.JSONField(_("trend"), null=True)
    countries = models.JSONField(_("countries reached"), null=True)
    conditions = models.JSONField(_("conditions"), default=list)
    left_out = models.JSONField(_("records left out, by reason"), default=dict)
    override = models.JSONField(_("rating set by an officer"), null=True)
    comment = models.JSONField(_("comment"), default=dict)
    value_before = models.DecimalField(
        _("value a year before"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    rating_before = models.CharField(
        _("rating a year before"), max_length=12, choices=Rating.choices, blank=True
    )
    versions = models.JSONField(_("versions of the target"), null=True)
    numbers = models.JSONField(_("numbers"), null=True)
    baseline_value = models.DecimalField(
        _("baseline value"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    baseline_on = models.DateField(_("day of the baseline"), null=True)
    judgement = models.JSONField(_("steps of the rubric"), null=True)

    class Meta:
        ordering = ["objective", "number"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "code"], name="reported_actual_once"),
            models.CheckConstraint(
                condition=models.Q(rating__in=Rating.values), name="reported_actual_has_a_rating"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ReportedEvidence(models.Model):
    """One record that a reported actual counts, cited so that a later change does not matter.

    Dates are as entered; ``ends`` of a decision is its reversal; ``year`` is the reporting year of
    a budget or a report. ``countries`` and ``office`` are codes, whose names are in the words of
    the report. ``codes`` are the record's values on the target's dimension: the countries, sectors
    or fields that are counted or compared. ``numerator`` and ``denominator`` are what it adds to a
    share, a sum or a ratio; None in other figures. ``link`` is the URL of the first item of
    evidence, empty if it has only files.
    """

    actual = models.ForeignKey(ReportedActual, on_delete=models.CASCADE, related_name="evidence")
    record_kind = models.CharField(_("kind of record"), max_length=30, choices=RecordKind.choices)
    reference = models.CharField(_("reference"), max_length=40)
    title = models.CharField(_("title"), max_length=300)
    begins = models.CharField(_("date, or first day"), max_length=10, blank=True)
    ends = models.CharField(_("last day"), max_length=10, blank=True)
    year = models.CharField(_("year"), max_length=9, blank=True)
    countries = models.JSONField(_("countries"), default=list)
    codes = models.JSONField(_("values counted"), default=list)
    office = models.CharField(_("office"), max_length=40)
    link = models.CharField(_("link"), max_length=1000, blank=True)
    numerator = models.DecimalField(
        _("numerator"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )
    denominator = models.DecimalField(
        _("denominator"), null=True, max_digits=DIGITS, decimal_places=DECIMALS
    )

    class Meta:
        ordering = ["actual", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["actual", "record_kind", "reference"], name="record_cited_once_an_actual"
            )
        ]

    def __str__(self) -> str:
        return self.reference


class ReportSeal(models.Model):
    """The seal of a complete report: the database then accepts nothing but its files.

    Saved last, in the transaction that issues the report. ``statement`` is the text that is signed,
    canonical JSON: the report, its ``number`` in the chain of all reports, the digest of the
    statement before, and the digest of ``rows``. ``rows`` has the digest and name of each row.
    ``reporting.annual_report.sealing`` writes and checks them. Reports issued before there were
    signatures have no number.
    """

    report = models.OneToOneField(AnnualReport, on_delete=models.CASCADE, related_name="seal")
    number = models.PositiveIntegerField(_("number in the chain"), null=True, unique=True)
    statement = models.TextField(_("signed statement"), blank=True)
    rows = models.JSONField(_("digests of the rows"), default=list)
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    public_key = models.CharField(_("public key"), max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.report)


class ReportFileManager(models.Manager["ReportFile"]):
    """Files without their content, for lists."""

    def get_queryset(self) -> models.QuerySet["ReportFile"]:
        return super().get_queryset().defer("content")


class ReportFile(models.Model):
    """A PDF as downloaded, with the Ed25519 signature of its bytes, empty if unsigned."""

    report = models.ForeignKey(AnnualReport, on_delete=models.CASCADE, related_name="files")
    language = models.CharField(_("language"), max_length=5)
    content = models.BinaryField(_("PDF"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.PositiveSmallIntegerField(_("pages"))
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    public_key = models.CharField(_("public key"), max_length=64, blank=True)

    objects = ReportFileManager()

    class Meta:
        ordering = ["report", "pk"]
        verbose_name = _("file of a report")
        verbose_name_plural = _("files of reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "language"], name="one_file_a_language")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        version = "" if self.report.version == 1 else f"-v{self.report.version}"
        return f"ibcr-annual-report-{self.report.year}{version}-{self.language}.pdf"


@dataclass(frozen=True)
class ReportRows:
    """All rows of one report, saved or not: the common form of previews and issued reports.

    ``objectives`` and ``actuals`` are in the plan's order; ``evidence`` holds the citations of each
    actual, in the order of ``actuals``. ``seal`` is loaded only for a PDF or its verification.
    """

    report: AnnualReport
    priorities: tuple[ReportedPriority, ...]
    objectives: tuple[ReportedObjective, ...]
    actuals: tuple[ReportedActual, ...]
    evidence: tuple[tuple[ReportedEvidence, ...], ...]
    seal: ReportSeal | None = None
