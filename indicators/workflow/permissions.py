"""Who may see a record; ``transitions`` says who may change it."""

from indicators.models import Record
from strategy.accounts.policy import can_record, sees_all_offices
from strategy.models import User


def can_view(user: User, record: Record) -> bool:
    """The rule of ``RecordQuerySet.visible_to`` for one record."""
    if sees_all_offices(user):
        return True
    return can_record(user) and user.office_id == record.office_id
