from chat.models import Worker


class Process:
    """This process, as the requests on their way need to know it: `worker` if it reports that it lives."""

    worker: Worker | None = None
    is_draining = False


this_process = Process()
