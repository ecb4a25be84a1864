"""The index of words, which each kind of database has its own way for: see `chat.models.word_index`."""

from django.db import migrations

SQLITE = (
    """CREATE VIRTUAL TABLE chat_words USING fts5
    (words, detail=none, columnsize=0, prefix='2 3', tokenize="ascii tokenchars '_'")""",
)
POSTGRESQL = (
    "CREATE TABLE chat_words (document bigint PRIMARY KEY, owner_id bigint NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX chat_words_of_owner ON chat_words (owner_id, document)",
    "CREATE INDEX chat_words_words ON chat_words USING gin (words) WITH (fastupdate = off)",
)


def create_index(_apps, schema_editor):
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_tables")]

    operations = [migrations.RunPython(create_index, migrations.RunPython.noop)]
