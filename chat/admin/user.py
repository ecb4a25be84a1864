from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from chat.models import User
from chat.models.sign_in_link import sign_in_path

from .link import show_once
from .read_only import Counted

# People are administrators or not; their addresses are edited where they are.
admin.site.unregister((Group, EmailAddress))


@admin.register(User)
class UserAdmin(Counted, DjangoUserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username",
        "email",
        "is_active",
        "is_staff",
        "conversations",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    actions = ("issue_sign_in_link",)
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "first_name", "last_name")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Single permissions", {"fields": ("user_permissions",), "classes": ("collapse",)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": ("username", "usable_password", "password1", "password2"),
                "description": "Without a password, give a sign-in link: select them in the list of users "
                "and choose “Issue a sign-in link”.",
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("user_permissions",)

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012
        js = ["admin/js/copy.js"]  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(conversation_count=Count("conversations"))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Only a superuser decides who administers what."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "user_permissions")
        return (*self.readonly_fields, *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever can set somebody's password can be that somebody."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_delete_permission(request, obj)

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description="Issue a sign-in link", permissions=["issue"])
    def issue_sign_in_link(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users.filter(is_active=True):
            self.log_change(request, user, "Issued a sign-in link.")
            url = request.build_absolute_uri(sign_in_path(user))
            show_once(request, f"This link signs {user.username} in, once and within a day:", url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # The address before could otherwise still be used to sign in and to reset the password.
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()

    @admin.display(ordering="conversation_count")
    def conversations(self, user: User) -> int:
        return user.conversation_count  # type: ignore[attr-defined]
