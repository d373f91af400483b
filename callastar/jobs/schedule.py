"""When each periodic job runs: inside the workers, no external scheduler needed, one run of a job at a time.

The last of six cron fields is the second.
"""

EXPIRE_HOLDS = "* * * * * */5"
EVERY_TEN_SECONDS = "* * * * * */10"
EVERY_TEN_MINUTES = "*/10 * * * *"
MINUTELY = "* * * * *"
HOURLY = "0 * * * *"
DELETE_RECORDINGS = "10 4 * * *"
RECONCILE_LEDGER = "30 3 * * *"  # 03:30 UTC: the queue knows no other time zone
