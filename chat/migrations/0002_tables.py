import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation, OperationCategory

import chat.models.address
import chat.models.allowance
import chat.models.attachment
import chat.models.chat_settings
import chat.models.encrypted
import chat.models.intake
import chat.models.invitation
import chat.models.kept_reasoning
import chat.models.language_model
import chat.models.money
import chat.models.networks
import chat.models.price
import chat.models.public_id
import chat.models.recording
import chat.models.shared_file
import chat.models.upstream
import chat.models.worker


class CreateModels(Operation):
    """Creates models that refer to each other. One by one, each would have those before it rendered again."""

    category = OperationCategory.ADDITION
    reversible = False

    def __init__(self, models):
        self.models = models

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)
        for model in self.models:
            model.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "Create " + ", ".join(model.name for model in self.models)


TABLES = [
    migrations.CreateModel(
        name="PriceList",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("digest", models.CharField(max_length=64, unique=True)),
            ("loaded_at", models.DateTimeField(auto_now=True)),
        ],
    ),
    migrations.CreateModel(
        name="Unindexed",
        fields=[
            ("document", models.BigIntegerField(primary_key=True, serialize=False)),
        ],
    ),
    migrations.CreateModel(
        name="Upstream",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("name", models.CharField(max_length=100, unique=True)),
            (
                "family",
                models.CharField(
                    choices=chat.models.upstream.families,
                    help_text="Which API it speaks. “Compatible” is any server with OpenAI's /chat/completions.",
                    max_length=20,
                ),
            ),
            (
                "base_url",
                chat.models.address.AddressField(
                    blank=True,
                    help_text="For example http://localhost:11434/v1. Empty for the family's own address; “Compatible” has none.",
                    max_length=500,
                    verbose_name="base URL",
                ),
            ),
            (
                "api_key",
                chat.models.encrypted.EncryptedTextField(
                    blank=True,
                    help_text="Stored encrypted. Leave empty for a server that needs none.",
                    verbose_name="API key",
                ),
            ),
            (
                "enabled",
                models.BooleanField(default=True, help_text="Without this none of its models can be used."),
            ),
            (
                "is_free",
                models.BooleanField(
                    default=False,
                    help_text="What it answers is not paid for: a server of one's own.",
                    verbose_name="costs nothing",
                ),
            ),
            (
                "key_refused_at",
                models.DateTimeField(
                    editable=False, help_text="Since then its key is not used: it was refused.", null=True
                ),
            ),
            (
                "origin",
                models.CharField(
                    choices=[
                        ("admin", "Added in the admin"),
                        ("environment", "Environment variables"),
                        ("detected", "Found on this machine"),
                        ("built-in", "Built in"),
                    ],
                    default="admin",
                    editable=False,
                    max_length=20,
                ),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("checked_at", models.DateTimeField(editable=False, null=True, verbose_name="last checked")),
            ("last_error", models.TextField(blank=True, editable=False)),
        ],
        options={
            "ordering": ("name",),
        },
    ),
    migrations.CreateModel(
        name="UsageDay",
        fields=[
            ("day", models.DateField(primary_key=True, serialize=False)),
        ],
    ),
    migrations.CreateModel(
        name="Worker",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
            ("host", models.CharField(default=chat.models.worker.this_host, max_length=255)),
            ("kernel", models.CharField(default=chat.models.worker.this_kernel, max_length=100)),
            ("pid", models.IntegerField(default=chat.models.worker.this_process)),
            ("started", models.CharField(default=chat.models.worker.this_start, max_length=30)),
            ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
        ],
    ),
    migrations.CreateModel(
        name="ApiKey",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("is_restricted", models.BooleanField(default=False, editable=False)),
            ("name", models.CharField(blank=True, help_text="What it is for.", max_length=100)),
            ("prefix", models.CharField(editable=False, max_length=12, verbose_name="begins with")),
            ("digest", models.CharField(editable=False, max_length=64, unique=True)),
            (
                "networks",
                models.TextField(
                    blank=True,
                    help_text="From where it may be used: IP addresses and ranges such as 192.0.2.0/24, one a line. Empty for anywhere.",
                    validators=[chat.models.networks.validate_networks],
                    verbose_name="addresses",
                ),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "expires_at",
                models.DateTimeField(blank=True, help_text="Empty for a key without an end.", null=True),
            ),
            ("revoked_at", models.DateTimeField(editable=False, null=True)),
            (
                "previous_digest",
                models.CharField(blank=True, db_index=True, editable=False, max_length=64),
            ),
            (
                "previous_until",
                models.DateTimeField(
                    editable=False,
                    help_text="When the secret before the last rotation stops working.",
                    null=True,
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="api_keys",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "allowed_models",
                models.ManyToManyField(
                    blank=True,
                    help_text="The models that it may use; none chosen means all that its owner may.",
                    related_name="api_keys",
                    to="chat.languagemodel",
                    verbose_name="models",
                ),
            ),
        ],
        options={
            "verbose_name": "API key",
            "ordering": ("-created_at", "-id"),
        },
    ),
    migrations.CreateModel(
        name="Allowance",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "requests_per_minute",
                chat.models.allowance.LimitField(
                    blank=True,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000000000),
                    ],
                ),
            ),
            (
                "tokens_per_minute",
                chat.models.allowance.LimitField(
                    blank=True,
                    help_text="Of the questions and the answers.",
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000000000),
                    ],
                ),
            ),
            (
                "parallel_requests",
                chat.models.allowance.LimitField(
                    blank=True,
                    help_text="Answers that are written at the same time.",
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000000000),
                    ],
                ),
            ),
            (
                "daily_budget",
                chat.models.allowance.BudgetField(blank=True, help_text="US dollars a day.", null=True),
            ),
            (
                "weekly_budget",
                chat.models.allowance.BudgetField(
                    blank=True, help_text="US dollars a week, from Monday.", null=True
                ),
            ),
            (
                "monthly_budget",
                chat.models.allowance.BudgetField(
                    blank=True, help_text="US dollars a calendar month.", null=True
                ),
            ),
            (
                "total_budget",
                chat.models.allowance.BudgetField(blank=True, help_text="US dollars in all.", null=True),
            ),
            (
                "group",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="allowance",
                    to="auth.group",
                ),
            ),
            (
                "user",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="allowance",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "key",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="allowance",
                    to="chat.apikey",
                ),
            ),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("group", None), ("key", None), ("user__isnull", False)),
                        models.Q(("group__isnull", False), ("key", None), ("user", None)),
                        models.Q(("group", None), ("key__isnull", False), ("user", None)),
                        _connector="OR",
                    ),
                    name="allowance_of_one",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Balance",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "period",
                models.CharField(
                    choices=[
                        ("day", "a day"),
                        ("week", "a week"),
                        ("month", "a month"),
                        ("total", "in all"),
                    ],
                    max_length=5,
                ),
            ),
            ("starts_at", models.DateTimeField()),
            ("opening", chat.models.money.MoneyField(default=Decimal(0))),
            ("spent", chat.models.money.MoneyField(default=Decimal(0))),
            ("reserved", chat.models.money.MoneyField(default=Decimal(0))),
            (
                "allowance",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="chat.allowance"),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("allowance", "period", "starts_at"), name="one_balance_a_period"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Folder",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            ("name", models.CharField(max_length=60)),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="%(class)ss",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("name", "id"),
            "abstract": False,
            "constraints": [
                models.UniqueConstraint(models.F("owner"), models.F("name"), name="folder_names_differ")
            ],
        },
    ),
    migrations.CreateModel(
        name="Invitation",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
            ("note", models.CharField(blank=True, help_text="Whom it is for.", max_length=200)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            ("expires_at", models.DateTimeField(default=chat.models.invitation.in_a_week)),
            ("accepted_at", models.DateTimeField(editable=False, null=True)),
            (
                "accepted_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "invited_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("-created_at",),
        },
    ),
    migrations.CreateModel(
        name="LanguageModel",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("is_restricted", models.BooleanField(default=False, editable=False)),
            (
                "model_id",
                models.CharField(
                    help_text="The upstream's own id, which programs send.",
                    max_length=200,
                    unique=True,
                    verbose_name="model id",
                ),
            ),
            (
                "display_name",
                models.CharField(blank=True, help_text="Empty to show the id.", max_length=200),
            ),
            ("description", models.CharField(blank=True, max_length=500)),
            (
                "enabled",
                models.BooleanField(default=True, help_text="Without this nobody can choose it."),
            ),
            (
                "is_hidden",
                models.BooleanField(
                    default=False,
                    help_text="Not listed anywhere; whoever knows its id can still use it.",
                    verbose_name="hidden",
                ),
            ),
            (
                "is_default",
                models.BooleanField(
                    default=False,
                    help_text="What a new chat begins with, for whoever has not chosen another.",
                    verbose_name="default",
                ),
            ),
            (
                "position",
                models.PositiveSmallIntegerField(
                    default=100, help_text="Lower numbers come first in lists; equal ones by id."
                ),
            ),
            (
                "system_preamble",
                models.TextField(
                    blank=True,
                    help_text="Instructions that come before every conversation with it.",
                    max_length=20000,
                ),
            ),
            (
                "capabilities",
                models.JSONField(
                    blank=True,
                    default=dict,
                    help_text='What it takes where the site does not know better: {"inputs": ["image"], "max_output": 8192}.',
                    validators=[chat.models.language_model.validate_capabilities],
                ),
            ),
            (
                "is_sample",
                models.BooleanField(
                    default=False,
                    editable=False,
                    help_text="Not a language model: it shows the page.",
                    verbose_name="built-in sample",
                ),
            ),
            (
                "context_window",
                models.PositiveIntegerField(blank=True, help_text="In tokens.", null=True),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "groups",
                models.ManyToManyField(
                    blank=True,
                    help_text="Who may use it; none chosen means everyone.",
                    related_name="language_models",
                    to="auth.group",
                ),
            ),
        ],
        options={
            "ordering": ("is_sample", "position", "model_id"),
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("is_default", True)),
                    fields=("is_default",),
                    name="one_default_model",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Conversation",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "system_prompt",
                models.TextField(
                    blank=True,
                    help_text="Instructions that the model gets before the conversation.",
                    max_length=20000,
                    validators=[django.core.validators.MaxLengthValidator(20000)],
                ),
            ),
            (
                "temperature",
                models.FloatField(
                    blank=True,
                    null=True,
                    validators=[
                        chat.models.chat_settings.validate_finite,
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(2),
                    ],
                ),
            ),
            (
                "top_p",
                models.FloatField(
                    blank=True,
                    null=True,
                    validators=[
                        chat.models.chat_settings.validate_finite,
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(1),
                    ],
                    verbose_name="top-p",
                ),
            ),
            (
                "max_output_tokens",
                models.PositiveIntegerField(
                    blank=True,
                    help_text="In tokens, of which a word takes one to two.",
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000000),
                    ],
                    verbose_name="longest answer",
                ),
            ),
            (
                "reasoning_effort",
                models.CharField(
                    blank=True,
                    choices=[
                        ("none", "None"),
                        ("minimal", "Minimal"),
                        ("low", "Low"),
                        ("medium", "Medium"),
                        ("high", "High"),
                        ("xhigh", "Very high"),
                        ("max", "Highest"),
                    ],
                    max_length=10,
                ),
            ),
            (
                "json_output",
                models.BooleanField(
                    default=False,
                    help_text="Every answer is one JSON object.",
                    verbose_name="JSON output",
                ),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            ("title", models.CharField(max_length=200)),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "updated_at",
                models.DateTimeField(default=django.utils.timezone.now, verbose_name="last turn"),
            ),
            ("pinned_at", models.DateTimeField(null=True)),
            ("archived_at", models.DateTimeField(null=True)),
            ("deleted_at", models.DateTimeField(help_text="Since when it is in the trash.", null=True)),
            (
                "source_id",
                models.CharField(
                    editable=False, help_text="Of one that was imported.", max_length=100, null=True
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="conversations",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "folder",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="conversations",
                    to="chat.folder",
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.languagemodel",
                ),
            ),
            (
                "head",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.message",
                ),
            ),
            (
                "tags",
                models.ManyToManyField(related_name="conversations", to="chat.tag"),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["owner", "-updated_at", "-id"], name="conversations_by_day"),
                models.Index(
                    condition=models.Q(
                        ("archived_at", None), ("deleted_at", None), ("folder", None), ("pinned_at", None)
                    ),
                    fields=["owner", "-updated_at", "-id"],
                    name="conversations_at_hand",
                ),
                models.Index(fields=["folder", "-updated_at", "-id"], name="conversations_in_folder"),
                models.Index(
                    condition=models.Q(("pinned_at__isnull", False)),
                    fields=["owner", "-pinned_at"],
                    name="conversations_pinned",
                ),
                models.Index(
                    condition=models.Q(("deleted_at__isnull", False)),
                    fields=["deleted_at"],
                    name="conversations_in_trash",
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("owner", "source_id"), name="imported_once")],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            (
                "turn_id",
                models.UUIDField(help_text="Given by the client; one turn each.", null=True, unique=True),
            ),
            (
                "role",
                models.CharField(
                    choices=[
                        ("system", "System"),
                        ("user", "User"),
                        ("assistant", "Assistant"),
                        ("tool", "Tool"),
                    ],
                    max_length=10,
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[
                        ("streaming", "Streaming"),
                        ("complete", "Complete"),
                        ("stopped", "Stopped"),
                        ("interrupted", "Interrupted"),
                        ("failed", "Failed"),
                    ],
                    default="complete",
                    max_length=12,
                ),
            ),
            ("content", models.JSONField(default=list)),
            ("reasoning", models.TextField(blank=True)),
            ("refusal", models.TextField(blank=True)),
            ("tool_calls", models.JSONField(default=list)),
            ("finish_reason", models.CharField(blank=True, max_length=30)),
            (
                "error",
                models.JSONField(help_text="What went wrong: message, code and retry_after.", null=True),
            ),
            (
                "is_edited",
                models.BooleanField(
                    default=False,
                    help_text="A person wrote this version of an answer.",
                    verbose_name="edited",
                ),
            ),
            (
                "model_name",
                models.CharField(blank=True, help_text="As it was called then.", max_length=200),
            ),
            ("prompt_tokens", models.PositiveIntegerField(null=True)),
            ("completion_tokens", models.PositiveIntegerField(null=True)),
            ("cached_tokens", models.PositiveIntegerField(null=True)),
            ("reasoning_tokens", models.PositiveIntegerField(null=True)),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("first_token_at", models.DateTimeField(null=True)),
            ("finished_at", models.DateTimeField(null=True)),
            ("reasoning_seconds", models.FloatField(null=True)),
            (
                "idle_seconds",
                models.FloatField(default=0, help_text="Between the runs of an answer that was continued."),
            ),
            (
                "deleted_at",
                models.DateTimeField(editable=False, help_text="With all that follows it.", null=True),
            ),
            (
                "conversation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="messages",
                    to="chat.conversation",
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.languagemodel",
                ),
            ),
            (
                "parent",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="replies",
                    to="chat.message",
                ),
            ),
            (
                "worker",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="answers",
                    to="chat.worker",
                ),
            ),
        ],
        options={
            "ordering": ("id",),
            "indexes": [
                models.Index(
                    condition=models.Q(("status", "streaming")),
                    fields=["status"],
                    name="streaming_messages",
                ),
                models.Index(
                    condition=models.Q(("deleted_at__isnull", False)),
                    fields=["deleted_at"],
                    name="deleted_messages",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Attachment",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            ("file", models.FileField(upload_to=chat.models.attachment.unguessable_path)),
            ("name", models.CharField(max_length=255)),
            ("media_type", models.CharField(max_length=100)),
            ("size", models.PositiveBigIntegerField(help_text="In bytes.")),
            (
                "thumbnail",
                models.FileField(blank=True, upload_to=chat.models.attachment.unguessable_path),
            ),
            (
                "text",
                models.TextField(
                    blank=True, help_text="What a document says, for models that do not read it."
                ),
            ),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attachments",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "message",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attachments",
                    to="chat.message",
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="ModelRequest",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                models.CharField(editable=False, max_length=40, unique=True, verbose_name="request id"),
            ),
            (
                "face",
                models.CharField(
                    choices=[("chat", "Chat page"), ("api", "API")], max_length=4, verbose_name="asked in"
                ),
            ),
            ("model_name", models.CharField(max_length=200, verbose_name="model")),
            ("upstream_name", models.CharField(blank=True, max_length=100, verbose_name="upstream")),
            (
                "attempts",
                models.JSONField(
                    default=list, help_text="The upstreams that were tried before, and what they said."
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[
                        ("running", "Running"),
                        ("complete", "Complete"),
                        ("stopped", "Stopped by the asker"),
                        ("interrupted", "Interrupted by a restart"),
                        ("failed", "Failed"),
                        ("refused", "Refused"),
                    ],
                    max_length=12,
                ),
            ),
            ("error_code", models.CharField(blank=True, max_length=100)),
            ("error", models.TextField(blank=True)),
            ("finish_reason", models.CharField(blank=True, max_length=30)),
            ("is_stream", models.BooleanField(default=True, verbose_name="streamed")),
            ("created_at", models.DateTimeField()),
            ("finished_at", models.DateTimeField(null=True)),
            ("queued_seconds", models.FloatField(null=True, verbose_name="until it was sent on")),
            (
                "first_byte_seconds",
                models.FloatField(null=True, verbose_name="until the upstream answered"),
            ),
            ("first_token_seconds", models.FloatField(null=True, verbose_name="until the first token")),
            ("total_seconds", models.FloatField(null=True, verbose_name="in all")),
            (
                "measure",
                models.CharField(
                    blank=True,
                    choices=[
                        ("reported", "reported by the upstream"),
                        ("estimated", "estimated from the text"),
                    ],
                    max_length=10,
                    verbose_name="tokens are",
                ),
            ),
            ("prompt_tokens", models.PositiveIntegerField(null=True)),
            ("completion_tokens", models.PositiveIntegerField(null=True)),
            ("cached_tokens", models.PositiveIntegerField(null=True)),
            ("cache_write_tokens", models.PositiveIntegerField(null=True)),
            ("reasoning_tokens", models.PositiveIntegerField(null=True)),
            ("cost", chat.models.money.MoneyField(null=True, verbose_name="price")),
            (
                "key",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="model_requests",
                    to="chat.apikey",
                ),
            ),
            (
                "message",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="model_requests",
                    to="chat.message",
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.languagemodel",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="model_requests",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "upstream",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.upstream",
                ),
            ),
            (
                "worker",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.worker",
                ),
            ),
        ],
        options={
            "verbose_name": "request",
            "ordering": ("-created_at", "-id"),
            "indexes": [
                models.Index(fields=["-created_at", "-id"], name="requests_by_time"),
                models.Index(fields=["user", "-created_at"], name="requests_of_user"),
                models.Index(fields=["key", "-created_at"], name="requests_of_key"),
                models.Index(
                    condition=models.Q(("status", "running")), fields=["status"], name="running_requests"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Charge",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "created_at",
                models.DateTimeField(help_text="As of its request: the period that it counts for."),
            ),
            ("settled_at", models.DateTimeField(null=True)),
            ("tokens", models.PositiveIntegerField(default=0)),
            ("amount", chat.models.money.MoneyField(default=Decimal(0))),
            (
                "allowance",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="charges",
                    to="chat.allowance",
                ),
            ),
            (
                "request",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="charges",
                    to="chat.modelrequest",
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["allowance", "created_at"], name="charges_by_time"),
                models.Index(
                    condition=models.Q(("settled_at", None)), fields=["allowance"], name="running_charges"
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("request", "allowance"), name="charged_once")],
        },
    ),
    migrations.CreateModel(
        name="Preset",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "system_prompt",
                models.TextField(
                    blank=True,
                    help_text="Instructions that the model gets before the conversation.",
                    max_length=20000,
                    validators=[django.core.validators.MaxLengthValidator(20000)],
                ),
            ),
            (
                "temperature",
                models.FloatField(
                    blank=True,
                    null=True,
                    validators=[
                        chat.models.chat_settings.validate_finite,
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(2),
                    ],
                ),
            ),
            (
                "top_p",
                models.FloatField(
                    blank=True,
                    null=True,
                    validators=[
                        chat.models.chat_settings.validate_finite,
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(1),
                    ],
                    verbose_name="top-p",
                ),
            ),
            (
                "max_output_tokens",
                models.PositiveIntegerField(
                    blank=True,
                    help_text="In tokens, of which a word takes one to two.",
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000000),
                    ],
                    verbose_name="longest answer",
                ),
            ),
            (
                "reasoning_effort",
                models.CharField(
                    blank=True,
                    choices=[
                        ("none", "None"),
                        ("minimal", "Minimal"),
                        ("low", "Low"),
                        ("medium", "Medium"),
                        ("high", "High"),
                        ("xhigh", "Very high"),
                        ("max", "Highest"),
                    ],
                    max_length=10,
                ),
            ),
            (
                "json_output",
                models.BooleanField(
                    default=False,
                    help_text="Every answer is one JSON object.",
                    verbose_name="JSON output",
                ),
            ),
            ("name", models.CharField(max_length=60)),
            ("created_at", models.DateTimeField(auto_now_add=True)),
            (
                "groups",
                models.ManyToManyField(
                    blank=True,
                    help_text="Whose members can use it as well. Only you change it.",
                    related_name="presets",
                    to="auth.group",
                    verbose_name="shared with",
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    blank=True,
                    help_text="Empty for the one that a new chat begins with anyway.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.languagemodel",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="presets",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("name", "id"),
            "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="one_preset_of_a_name")],
        },
    ),
    migrations.CreateModel(
        name="Price",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "family",
                models.CharField(
                    blank=True,
                    choices=chat.models.upstream.families,
                    help_text="Empty for the model at any upstream.",
                    max_length=20,
                ),
            ),
            (
                "model_id",
                models.CharField(
                    help_text="Dated snapshots of it, such as -2026-11-05, cost the same.",
                    max_length=200,
                    verbose_name="model id",
                ),
            ),
            (
                "effective_from",
                models.DateField(default=chat.models.price.today, verbose_name="holds from"),
            ),
            (
                "above",
                models.PositiveIntegerField(
                    default=0,
                    help_text="Tokens of the prompt beyond which it holds; 0 for any prompt.",
                    validators=[django.core.validators.MaxValueValidator(100000000)],
                    verbose_name="for prompts above",
                ),
            ),
            (
                "input",
                chat.models.price.PriceField(
                    decimal_places=6,
                    max_digits=12,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="input",
                ),
            ),
            (
                "cached_input",
                chat.models.price.PriceField(
                    blank=True,
                    decimal_places=6,
                    help_text="Empty: as input.",
                    max_digits=12,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="cached input",
                ),
            ),
            (
                "cache_write",
                chat.models.price.PriceField(
                    blank=True,
                    decimal_places=6,
                    help_text="Empty: as input.",
                    max_digits=12,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="cache write",
                ),
            ),
            (
                "output",
                chat.models.price.PriceField(
                    decimal_places=6,
                    max_digits=12,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="output",
                ),
            ),
            (
                "reasoning",
                chat.models.price.PriceField(
                    blank=True,
                    decimal_places=6,
                    help_text="Empty: as output.",
                    max_digits=12,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="reasoning",
                ),
            ),
            (
                "per_image",
                chat.models.price.PriceField(
                    blank=True,
                    decimal_places=6,
                    help_text="Of the prompt, besides its tokens.",
                    max_digits=12,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="an image",
                ),
            ),
            (
                "per_second",
                chat.models.price.PriceField(
                    blank=True,
                    decimal_places=6,
                    help_text="Of the prompt, besides its tokens.",
                    max_digits=12,
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(0),
                        django.core.validators.MaxValueValidator(100000),
                    ],
                    verbose_name="a second of audio or video",
                ),
            ),
            (
                "origin",
                models.CharField(
                    choices=[("catalogue", "Catalogue"), ("admin", "Entered in the admin")],
                    default="admin",
                    editable=False,
                    max_length=20,
                ),
            ),
        ],
        options={
            "ordering": ("family", "model_id", "-effective_from", "above"),
            "constraints": [
                models.UniqueConstraint(
                    fields=("family", "model_id", "effective_from", "above", "origin"),
                    name="one_price_at_a_time",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Recording",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "until",
                models.DateTimeField(
                    default=chat.models.recording.in_an_hour, help_text="At most a week from now."
                ),
            ),
            (
                "created_at",
                models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="began"),
            ),
            (
                "key",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="chat.apikey",
                    verbose_name="API key",
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="chat.languagemodel",
                ),
            ),
            (
                "started_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "recording of bodies",
            "verbose_name_plural": "recordings of bodies",
            "ordering": ("-created_at", "-id"),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("until__gt", models.F("created_at"))),
                    name="recording_ends_after_it_began",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="RequestBody",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("received", models.JSONField(null=True)),
            ("sent", models.JSONField(null=True)),
            ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            (
                "request",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="body",
                    to="chat.modelrequest",
                ),
            ),
        ],
        options={
            "verbose_name_plural": "request bodies",
        },
    ),
    migrations.CreateModel(
        name="Share",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
            ("token", chat.models.encrypted.EncryptedTextField(editable=False)),
            ("revision", models.PositiveIntegerField(default=0)),
            ("title", models.CharField(max_length=200)),
            ("shown", models.JSONField(default=dict, help_text="What was ticked to be shown too.")),
            ("snapshot", models.JSONField(default=dict)),
            ("markup", models.JSONField(default=dict)),
            (
                "audience",
                models.CharField(
                    choices=[
                        ("link", "Anyone with the link"),
                        ("signed-in", "Anyone who is signed in here"),
                        ("named", "People and groups that you name"),
                    ],
                    default="link",
                    max_length=10,
                ),
            ),
            ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
            (
                "passphrase",
                models.CharField(blank=True, help_text="Hashed as passwords are.", max_length=128),
            ),
            ("max_views", models.PositiveIntegerField(null=True, verbose_name="most views")),
            (
                "is_listed",
                models.BooleanField(default=False, verbose_name="may be found by search engines"),
            ),
            ("views", models.PositiveIntegerField(default=0)),
            ("last_viewed_at", models.DateTimeField(null=True, verbose_name="last view")),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
            ("published_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked")),
            (
                "conversation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="shares",
                    to="chat.conversation",
                ),
            ),
            ("groups", models.ManyToManyField(related_name="+", to="auth.group")),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="shares",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("people", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
        ],
        options={
            "verbose_name": "shared link",
            "ordering": ("-created_at", "-id"),
        },
    ),
    migrations.CreateModel(
        name="SharedFile",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("number", models.PositiveIntegerField()),
            ("file", models.FileField(upload_to=chat.models.shared_file.unguessable_path)),
            ("name", models.CharField(max_length=255)),
            ("media_type", models.CharField(max_length=100)),
            ("size", models.PositiveBigIntegerField(help_text="In bytes.")),
            (
                "share",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="files", to="chat.share"
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("share", "number"), name="one_file_a_number")],
        },
    ),
    migrations.CreateModel(
        name="Tag",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "public_id",
                chat.models.public_id.PublicIdField(
                    default=chat.models.public_id.new_public_id,
                    editable=False,
                    max_length=22,
                    unique=True,
                ),
            ),
            ("name", models.CharField(max_length=60)),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="%(class)ss",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("name", "id"),
            "abstract": False,
            "constraints": [
                models.UniqueConstraint(models.F("owner"), models.F("name"), name="tag_names_differ")
            ],
        },
    ),
    migrations.CreateModel(
        name="Route",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("enabled", models.BooleanField(default=True, help_text="Without this it is not asked.")),
            (
                "priority",
                models.PositiveSmallIntegerField(
                    default=0,
                    help_text="Lower numbers are asked first; the others when those fail.",
                    validators=[django.core.validators.MaxValueValidator(1000)],
                ),
            ),
            (
                "weight",
                models.PositiveSmallIntegerField(
                    default=1,
                    help_text="Of routes with the same priority, one with twice the weight gets twice the requests.",
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(1000),
                    ],
                ),
            ),
            (
                "model",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="routes",
                    to="chat.languagemodel",
                ),
            ),
            (
                "upstream",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="routes", to="chat.upstream"
                ),
            ),
        ],
        options={
            "ordering": ("priority", "id"),
            "constraints": [
                models.UniqueConstraint(fields=("model", "upstream"), name="one_route_per_upstream")
            ],
        },
    ),
    migrations.CreateModel(
        name="KeptReasoning",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("call", models.CharField(blank=True, db_index=True, max_length=64)),
            ("content", models.CharField(db_index=True, max_length=64)),
            ("state", chat.models.encrypted.EncryptedTextField()),
            (
                "expires_at",
                models.DateTimeField(db_index=True, default=chat.models.kept_reasoning.kept_until),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "upstream",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.upstream"
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="DailyUsage",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("model_name", models.CharField(max_length=200)),
            ("upstream_name", models.CharField(blank=True, max_length=100)),
            ("requests", models.PositiveIntegerField()),
            ("failed", models.PositiveIntegerField()),
            ("unknown", models.PositiveIntegerField(verbose_name="without a price")),
            ("prompt_tokens", models.BigIntegerField()),
            ("completion_tokens", models.BigIntegerField()),
            ("cost", chat.models.money.MoneyField(default=Decimal(0))),
            (
                "key",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.apikey",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "day",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="usage", to="chat.usageday"
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["user", "day"], name="usage_of_user")],
        },
    ),
    migrations.CreateModel(
        name="DailyRoute",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("model_name", models.CharField(max_length=200)),
            ("upstream_name", models.CharField(max_length=100)),
            ("requests", models.PositiveIntegerField()),
            ("failed", models.PositiveIntegerField()),
            ("first_tokens", models.JSONField(default=list)),
            (
                "day",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="routes", to="chat.usageday"
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="Intake",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("name", models.CharField(max_length=255)),
            ("file", models.FileField(blank=True, upload_to=chat.models.intake.unguessable_path)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting"),
                        ("running", "Running"),
                        ("done", "Done"),
                        ("failed", "Failed"),
                        ("interrupted", "Interrupted"),
                    ],
                    default="waiting",
                    max_length=12,
                ),
            ),
            (
                "source",
                models.CharField(blank=True, help_text="From which product it comes.", max_length=20),
            ),
            ("total", models.PositiveBigIntegerField(default=0, help_text="Bytes to read.")),
            ("done", models.PositiveBigIntegerField(default=0, help_text="Bytes that were read.")),
            ("taken", models.PositiveIntegerField(default=0)),
            ("already_here", models.PositiveIntegerField(default=0)),
            (
                "report",
                models.JSONField(
                    default=list, help_text="What could not be taken: what, count and examples."
                ),
            ),
            ("problem", models.CharField(blank=True, max_length=500)),
            ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("finished_at", models.DateTimeField(null=True)),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="intakes",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "worker",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="chat.worker",
                ),
            ),
        ],
        options={
            "verbose_name": "import",
            "ordering": ("-id",),
        },
    ),
    migrations.CreateModel(
        name="TemporaryConversation",
        fields=[],
        options={
            "proxy": True,
            "default_permissions": (),
            "indexes": [],
            "constraints": [],
        },
        bases=("chat.conversation",),
    ),
    migrations.CreateModel(
        name="TemporaryMessage",
        fields=[],
        options={
            "proxy": True,
            "default_permissions": (),
            "indexes": [],
            "constraints": [],
        },
        bases=("chat.message",),
    ),
]


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0001_user"),
    ]

    operations = [
        CreateModels(TABLES),
        migrations.AddField(
            model_name="user",
            name="default_preset",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.preset",
            ),
        ),
    ]
