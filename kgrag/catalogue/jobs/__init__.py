"""Keeps ingest batches as jobs: files are items, leased to workers, and taken over when a worker falls
silent.

Knows states, leases and figures. Does not know how a file is read: that is ``ingest.run``'s. An item's life:
pending → leased → done | quarantined; a lease that ends unrenewed makes the item claimable again, and a file
that ended its worker too often is ``failed``. A job is running, paused, cancelled or done.
"""

from kgrag.catalogue.jobs.jobs import Jobs
from kgrag.catalogue.jobs.queue import MAX_ATTEMPTS, Item, worker_name
from kgrag.catalogue.jobs.reports import Overview

__all__ = ["MAX_ATTEMPTS", "Item", "Jobs", "Overview", "worker_name"]
