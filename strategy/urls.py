"""The URLs of the plan page and of the accounts."""

from django.urls import path

from strategy.accounts.people import views as people
from strategy.plan import views

app_name = "strategy"

urlpatterns = [
    path("plan/", views.plan, name="plan"),
    path("accounts/people/", people.people, name="people"),
    path("accounts/people/invite/", people.person_invite, name="person_invite"),
    path("accounts/people/<int:pk>/", people.person, name="person"),
    path("accounts/people/<int:pk>/change/", people.person_change, name="person_change"),
    path("accounts/people/<int:pk>/invitation/", people.person_send, name="person_send"),
    path("accounts/people/<int:pk>/<slug:action>/", people.person_step, name="person_step"),
]
