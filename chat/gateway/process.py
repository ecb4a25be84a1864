from chat.models import Worker


class Process:
    """This process, as the requests on their way need to know it: `worker` if it reports that it lives."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self.is_draining = False


this_process = Process()
