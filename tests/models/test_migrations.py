from django.core.management import call_command


def test_the_migrations_make_the_tables_that_the_models_describe(db: None) -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
