"""The pages of django-allauth that have a face here. Those for managing e-mail addresses are left out."""

from allauth.account import views
from django.urls import path, re_path

from . import invitations, sign_in_links

urlpatterns = [
    path("sign-in/<str:uid>/<str:token>", sign_in_links.sign_in, name="sign_in_link"),
    path("invite/<str:token>", invitations.open_invitation, name="invitation"),
    path("accounts/login/", views.login, name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/signup/", views.signup, name="account_signup"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path("accounts/password/set/", views.password_set, name="account_set_password"),
    path("accounts/password/reset/", views.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
