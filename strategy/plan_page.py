"""What the plan page shows, read in a constant number of queries."""

from strategy.models import Plan


def plan_page(plan: Plan) -> Plan:
    return plan
