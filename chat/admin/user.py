from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chat.models import Period, User
from chat.models.money import spent_in_words
from chat.models.sign_in_link import sign_in_path
from chat.models.spending import spent_by

from .allowance import UserAllowanceInline
from .read_only import Counted
from .shown_once import shown_once
from .within_reach import WithinReach

# Their addresses are edited where they are.
admin.site.unregister(EmailAddress)


@admin.register(User)
class UserAdmin(WithinReach, Counted, DjangoUserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username",
        "email",
        "is_active",
        "is_staff",
        "groups_of",
        "conversations",
        "spent_this_month",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "last_login", "date_joined")
    actions = ("issue_sign_in_link",)
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "first_name", "last_name")}),
        ("What they may do", {"fields": ("is_active", "groups", "is_staff", "is_superuser")}),
        ("Single permissions", {"fields": ("user_permissions",), "classes": ("collapse",)}),
        ("Use", {"fields": ("spent_this_month", "last_login", "date_joined")}),
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
    readonly_fields = ("spent_this_month", "last_login", "date_joined")
    filter_horizontal = ("groups", "user_permissions")
    inlines = (UserAllowanceInline,)

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        spent, unpriced = spent_by("user", since=Period.MONTH.start(timezone.now()))
        people = super().get_queryset(request).prefetch_related("groups")
        return people.annotate(
            conversation_count=Count("conversations"),
            spent_this_month=spent,
            has_unpriced_this_month=unpriced,
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Only a superuser decides who administers what, and who belongs to what gives more."""
        rights = (
            () if request.user.is_superuser else ("groups", "is_staff", "is_superuser", "user_permissions")
        )
        return (*self.readonly_fields, *rights)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> tuple[Any, ...]:  # noqa: ARG002
        return self.inlines if obj else ()

    def is_within_reach(self, request: HttpRequest, obj: User) -> bool:  # noqa: ARG002
        """Whoever can set somebody's password can be that somebody."""
        return not obj.is_superuser

    def has_issue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description="Issue a sign-in link", permissions=["issue"])
    def issue_sign_in_link(self, request: HttpRequest, users: QuerySet[User]) -> HttpResponse | None:
        links = []
        for user in users.filter(is_active=True):
            self.log_change(request, user, "Issued a sign-in link.")
            url = request.build_absolute_uri(sign_in_path(user))
            links.append((f"This link signs {user.username} in, once and within a day", url))
        if links:
            return shown_once(request, links, request.get_full_path())
        self.message_user(request, "No link is issued: these accounts are switched off.", messages.WARNING)
        return None

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            # The address before could otherwise still be used to sign in and to reset the password.
            EmailAddress.objects.filter(user=obj).exclude(email__iexact=obj.email).delete()

    @admin.display(ordering="conversation_count")
    def conversations(self, user: User) -> int:
        return user.conversation_count  # type: ignore[attr-defined]

    @admin.display(description="groups")
    def groups_of(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="spent this month")
    def spent_this_month(self, user: User) -> str:
        return spent_in_words(user.spent_this_month, user.has_unpriced_this_month)  # type: ignore[attr-defined]
