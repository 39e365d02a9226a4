"""The URLs of the plan page, of the plan workbench and of the accounts."""

from django.urls import path

from strategy.accounts.people import views as people
from strategy.accounts.security_log import views as security
from strategy.plan import views
from strategy.workbench.views import history, pages, plans, rows

app_name = "strategy"

PLAN = "plan/workbench/<slug:plan_code>/"
ROW = f"{PLAN}<slug:word>/<int:number>/"

urlpatterns = [
    path("plan/", views.plan, name="plan"),
    path("accounts/people/", people.people, name="people"),
    path("accounts/people/invite/", people.person_invite, name="person_invite"),
    path("accounts/people/<int:pk>/", people.person, name="person"),
    path("accounts/people/<int:pk>/change/", people.person_change, name="person_change"),
    path("accounts/people/<int:pk>/invitation/", people.person_send, name="person_send"),
    path("accounts/people/<int:pk>/<slug:action>/", people.person_step, name="person_step"),
    path("accounts/security-log/", security.security_log, name="security_log"),
    path("accounts/security-log.csv", security.security_log_file, name="security_log_file"),
    path("plan/workbench/", pages.workbench, name="workbench"),
    path("plan/workbench/new/", pages.workbench_new, name="workbench_new"),
    path(PLAN, pages.workbench_plan, name="workbench_plan"),
    path(f"{PLAN}publish/", plans.workbench_publish, name="workbench_publish"),
    path(f"{PLAN}unpublish/", plans.workbench_unpublish, name="workbench_unpublish"),
    path(f"{PLAN}clone/", plans.workbench_clone, name="workbench_clone"),
    path(f"{PLAN}compare/", plans.workbench_compare, name="workbench_compare"),
    path(f"{PLAN}export/", plans.workbench_export, name="workbench_export"),
    path(f"{PLAN}first/", plans.workbench_first, name="workbench_first"),
    path(ROW, rows.workbench_row, name="workbench_row"),
    path(
        f"{PLAN}<slug:word>/<int:owner>/add/<slug:new>/", rows.workbench_add, name="workbench_add"
    ),
    path(f"{ROW}remove/", rows.workbench_remove, name="workbench_remove"),
    path(f"{ROW}history/", history.workbench_history, name="workbench_history"),
    path(f"{ROW}move/", rows.workbench_move, name="workbench_move"),
]
