"""Django's settings, one section per concern. What the outside world decides comes typed from `config.env`."""

from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from config.env import Environment, base, minor, origin
from config.logs import configure_logging

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = Environment()  # type: ignore[call-arg]  # filled from the environment

# --- Process -------------------------------------------------------------------------------------------------------
ENVIRONMENT = ENV.environment
SECRET_KEY = ENV.secret_key
SECRET_KEY_FALLBACKS = list(ENV.secret_key_fallbacks)
DEBUG = False
SITE_URL = base(ENV.site_url)
ALLOWED_HOSTS = [ENV.site_url.host or "", "localhost", "127.0.0.1", *ENV.allowed_hosts]
TRUSTED_PROXIES = ENV.trusted_proxies
CRON_SECRETS = ENV.cron_secret
CRON_ALLOWED_IPS = ENV.cron_allowed_ips
ROOT_URLCONF = "config.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # the back office has a site of its own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "anymail",
    "csp",
    "django_htmx",
    "ninja",
    "procrastinate.contrib.django",
    "callastar.core",
    "callastar.audit",
    "callastar.live",
    "callastar.accounts",
    "callastar.mail",
    "callastar.notifications",
    "callastar.ledger",
    "callastar.creators",
    "callastar.offers",
    "callastar.payments",
    "callastar.payouts",
    "callastar.calls",
    "callastar.bookings",
    "callastar.webhooks",
    "callastar.jobs",
    "callastar.backoffice",
    # Makes people with known passwords; production does not even have the command.
    *([] if ENV.is_live else ["callastar.demo"]),
]

MIDDLEWARE = [
    "callastar.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "callastar.core.api.middleware.ApiMiddleware",
    "callastar.accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "callastar.core.context_processors.site",
            ],
            "builtins": ["callastar.core.templatetags.callastar"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database and jobs ---------------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, object]:
    parts = conninfo_to_dict(url)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    known = {ours: str(parts.pop(theirs)) for theirs, ours in names.items() if theirs in parts}
    pool = {"min_size": 0, "max_size": ENV.database_pool_size, "timeout": 15, "max_idle": 60}
    return {"ENGINE": "django.db.backends.postgresql", **known, "OPTIONS": {**parts, "pool": pool}}


DATABASE_URL = ENV.database_url
# Few enough for the pool to serve them all in time, enough for some to be slow without a connection.
REQUESTS_AT_ONCE = 4 * ENV.database_pool_size
DATABASES = {"default": _database(ENV.database_url)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

WORKER_SILENCE_SECONDS = ENV.worker_silence_seconds
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": ENV.worker_concurrency,
    "fetch_job_polling_interval": 1.0,  # scheduled jobs, such as the lapse of a hold, start within a second
    "update_heartbeat_interval": ENV.worker_silence_seconds / 6,
    "stalled_worker_timeout": ENV.worker_silence_seconds,
    "shutdown_graceful_timeout": 30,
    "delete_jobs": "successful",
}

# --- People --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # emails are unique by a constraint, whatever their case
AUTHENTICATION_BACKENDS = ["callastar.notifications.backend.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "bookings:list"
ACCOUNT_ADAPTER = "callastar.mail.account_adapter.MailAccountAdapter"
ACCOUNT_FORMS = {"signup": "callastar.accounts.forms.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "core:landing"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key", "login": "120/m/ip", "signup": "60/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
# Else nobody with a second factor could change their address; nobody is signed in without a confirmed one anyway.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Call a Star"
MFA_TOTP_TOLERANCE = 1  # step of 30 s before and after, for clocks that differ (RFC 6238, 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENV.is_strict
MFA_FORMS = {
    "add_webauthn": "callastar.accounts.forms.AddKeyForm",
    "edit_webauthn": "callastar.accounts.forms.RenameKeyForm",
}
USERSESSIONS_TRACK_ACTIVITY = True

# --- Language and time ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PLATFORM_TIME_ZONE = ENV.platform_time_zone

# --- Files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / ".build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / ENV.media_root
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 6_000_000

# --- Providers -----------------------------------------------------------------------------------------------------
STRIPE_API_BASE = base(ENV.stripe_api_base) if ENV.stripe_api_base else None
STRIPE_SECRET_KEY = ENV.stripe_secret_key
STRIPE_PUBLISHABLE_KEY = ENV.stripe_publishable_key
STRIPE_WEBHOOK_SECRETS = (*ENV.stripe_webhook_secret, *ENV.stripe_connect_webhook_secret)
STRIPE_WEBHOOK_ADDRESSES = ENV.stripe_webhook_addresses
STRIPE_JS_URL = str(ENV.stripe_js_url)
STRIPE_PLATFORM_COUNTRY = ENV.stripe_platform_country
STRIPE_STATEMENT_SUFFIX = ENV.stripe_statement_suffix
DAILY_API_URL = base(ENV.daily_api_url)
DAILY_API_KEY = ENV.daily_api_key
DAILY_ROOM_ORIGIN = ENV.daily_room_origin
DAILY_WEBHOOK_SECRETS = ENV.daily_webhook_secret
DAILY_WEBHOOK_ADDRESSES = ENV.daily_webhook_addresses
RECORDING_ENABLED = ENV.recording_enabled
RECORDING_KEPT = timedelta(days=ENV.recording_days)
STUN_URLS = list(ENV.stun_urls)
TURN_URLS = list(ENV.turn_urls)
TURN_SECRET = ENV.turn_secret
TURN_TTL_SECONDS = ENV.turn_ttl_seconds
RESEND_WEBHOOK_SECRETS = ENV.resend_webhook_secret
RESEND_WEBHOOK_ADDRESSES = ENV.resend_webhook_addresses
EMAIL_BACKEND = ENV.email_backend
EMAIL_FROM = DEFAULT_FROM_EMAIL = ENV.email_from
SUPPORT_EMAIL = ENV.support_email
ANYMAIL = {
    "RESEND_API_URL": base(ENV.resend_api_url) + "/",
    "RESEND_API_KEY": ENV.resend_api_key,
    "REQUESTS_TIMEOUT": (3, 15),
}
PROVIDER_TIMEOUT_SECONDS = 10

# --- Business ------------------------------------------------------------------------------------------------------
HOLD_DURATION = timedelta(minutes=ENV.hold_minutes)
PLATFORM_FEE_PERCENT = ENV.platform_fee_percent
PROCESSING_RATES = ENV.processing_rates
PAYOUT_HOLDING = timedelta(days=ENV.payout_holding_days)
OUTCOME_CONTEST = timedelta(hours=ENV.outcome_contest_hours)
PAYOUT_MINIMUM = minor(ENV.payout_minimum)
PAYOUT_MANUAL_NEEDS_APPROVAL = ENV.payout_manual_needs_approval
PAYOUT_APPROVAL_ABOVE = None if ENV.payout_approval_above is None else minor(ENV.payout_approval_above)
DEBT_THRESHOLD = minor(ENV.debt_threshold)
DISPUTE_FEE_PAYER = ENV.dispute_fee_payer
CANCEL_FULL_REFUND_HOURS = ENV.cancel_full_refund_hours
CANCEL_PARTIAL_REFUND_HOURS = ENV.cancel_partial_refund_hours
CANCEL_PARTIAL_REFUND_PERCENT = ENV.cancel_partial_refund_percent

# --- Security ------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENV.is_strict
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "callastar.core.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [origin(ENV.site_url)]
SECURE_HSTS_SECONDS = 31_536_000 if ENV.is_strict else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.is_strict
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
_STRIPE_ORIGINS = [
    origin(ENV.stripe_js_url),
    *(
        ["https://*.js.stripe.com", "https://hooks.stripe.com", "https://api.stripe.com"]
        if ENV.stripe_js_url.host == "js.stripe.com"
        else []  # a sandbox serves all of it from one place
    ),
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", *_STRIPE_ORIGINS],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *_STRIPE_ORIGINS],
        "frame-src": ["'self'", *_STRIPE_ORIGINS, DAILY_ROOM_ORIGIN],  # 'self': built-in rooms
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [
            "'self'",
            ENV.stripe_connect_origin,
        ],  # where the form redirects to that leads to Stripe
        "frame-ancestors": ["'none'"],
    }
}

# --- Logs ----------------------------------------------------------------------------------------------------------
LOGGING_CONFIG = None
configure_logging(json=ENV.log_format == "json")
