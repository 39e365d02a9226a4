"""Settings: every value that may differ between installations comes from the environment.

A wrong value stops the start with a sentence that names the variable. README lists them all.
"""

import os
import tempfile
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ibcr_rbm import environment as env

# Django's generic classes take their type arguments, as in admin.ModelAdmin[User].
django_stubs_ext.monkeypatch()

# openpyxl then parses with defusedxml, which refuses entities; lxml is here for Word files only.
os.environ["OPENPYXL_LXML"] = "False"

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.read_flag("DEBUG")
IS_DEMONSTRATION = env.read_flag("IBCR_DEMO")
"""Whether the sample accounts may exist and every page says that the records are samples."""
IS_PRODUCTION = env.read_flag("PRODUCTION")
"""Whether pages are served over HTTPS only, with the cookies and headers that go with it."""
for _name, _is_on in (("DEBUG", DEBUG), ("IBCR_DEMO", IS_DEMONSTRATION)):
    if IS_PRODUCTION and _is_on:
        raise ImproperlyConfigured(
            f"{_name} and PRODUCTION are both on. Switch {_name} off: it would let strangers in."
        )

_DEVELOPMENT_KEY = "not-secret-" + "development-only-" * 4
_MIN_KEY_LENGTH = 50
SECRET_KEY = env.read_text("SECRET_KEY", default="") or _DEVELOPMENT_KEY
if IS_PRODUCTION and (SECRET_KEY == _DEVELOPMENT_KEY or len(SECRET_KEY) < _MIN_KEY_LENGTH):
    raise ImproperlyConfigured(
        "SECRET_KEY is empty, short or that of the development. Set it to a random text of at "
        f"least {_MIN_KEY_LENGTH} characters."
    )
SECRET_KEY_FALLBACKS = env.read_secrets("SECRET_KEY_FALLBACKS")
"""Former keys: what they signed or encrypted stays valid."""

_THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", default=_THIS_MACHINE)
if not IS_PRODUCTION and not set(_THIS_MACHINE).issuperset(ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS names a host that is not this machine. Set PRODUCTION=1 to serve it: "
        "without it passwords and cookies cross the network unprotected."
    )
RECORD_CITATION_FINDER = "reporting.annual_report.snapshot.citations.find_citing_years"
"""Returns the years whose issued reports cite a record; records do not import reports."""
CSRF_FAILURE_VIEW = "ibcr_rbm.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.read_origins("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "modeltranslation",
    "ibcr_rbm.apps.ResultsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # For allauth's page of passkeys.
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "simple_history",
    "django_tasks",
    "strategy",
    "indicators",
    "reporting",
    "ibcr_rbm.maintenance",
    # After maintenance: its db_worker replaces the package's and first restarts interrupted tasks.
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ibcr_rbm.web.request_log.SecurityLogMiddleware",
    # Some offices have 50 kbit/s: pages go compressed too, padded against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "ibcr_rbm.web.middleware.MinifyHtmlMiddleware",
    "ibcr_rbm.web.middleware.PrivateResponseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "ibcr_rbm.web.middleware.IdleSessionMiddleware",
    "ibcr_rbm.web.middleware.UnavailableMiddleware",
    "ibcr_rbm.access_policy.AccessMiddleware",
]

ROOT_URLCONF = "ibcr_rbm.urls"
# Forms take the project's templates where there are any, and Django's otherwise.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
WSGI_APPLICATION = "ibcr_rbm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The library has templates that replace those of Django.
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "templates" / "components" / "library"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ibcr_rbm.navigation.navigation",
                "strategy.caching.views.write_placeholders",
            ]
        },
    }
]

DATABASES = {
    "default": env.read_database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'ibcr.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.read_whole_number("CONN_MAX_AGE", default=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        # Counts failed sign-ins: with the default of 300 entries a guesser could evict the counts.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Long tasks, such as PDFs, wait in the database for a worker (manage.py db_worker).
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Accounts: by invitation only; the rate limits of the login need the shared cache above.
AUTH_USER_MODEL = "strategy.User"
AUTHENTICATION_BACKENDS = ["strategy.accounts.backend.AccountBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {
        "NAME": "strategy.accounts.sign_in.passwords.OrganisationWordsValidator",
        "OPTIONS": {
            "words": [
                *("ibcr", "bide", "bureau", "oficina", "internacional", "international"),
                *("children", "enfants", "ninos", "ninez", "rights", "droits", "derechos"),
                *("results", "resultats", "resultados", "plan", "montreal", "password"),
            ]
        },
    },
]
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "strategy.accounts.sign_in.link_tokens.AccountLinkTokens"
RESET_LINK_SECONDS = 3600
ACCOUNT_ADAPTER = "ibcr_rbm.web.account_adapter.InvitationOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Codes of second factors; strategy.accounts.sign_in.throttling limits passwords.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/h/key"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if IS_PRODUCTION else "http"
# Rate limits use the client's IP address: behind a proxy the last of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.read_whole_number("TRUSTED_PROXIES", default=int(IS_PRODUCTION))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
TWO_FACTOR_ROLES = env.read_words(
    "TWO_FACTOR_ROLES",
    default=["officer", "manager", "admin"] if IS_PRODUCTION else [],
    known=("staff", "manager", "officer", "board", "admin"),
)
"""The roles that set up a second factor before anything else."""
MFA_ADAPTER = "strategy.accounts.two_factor.EncryptedFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
# Who is invited proves the address with the link; createsuperuser proves it with the machine.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "IBCR results"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "activate_totp": "strategy.accounts.two_factor.OneTimeActivationForm",
    "add_webauthn": "strategy.accounts.two_factor.NewPasskeyForm",
    "authenticate": "strategy.accounts.two_factor.OneTimeSignInForm",
    "authenticate_webauthn": "strategy.accounts.two_factor.PasskeyForm",
    "login_webauthn": "strategy.accounts.two_factor.PasskeySignInForm",
    "reauthenticate": "strategy.accounts.two_factor.OneTimeConfirmationForm",
    "reauthenticate_webauthn": "strategy.accounts.two_factor.PasskeyConfirmationForm",
}
SESSION_COOKIE_AGE = env.read_whole_number("SESSION_HOURS", default=12, minimum=1) * 3600
SESSION_ENGINE = "ibcr_rbm.web.storage_limits"
SESSION_IDLE_SECONDS = env.read_whole_number("SESSION_IDLE_MINUTES", default=30, minimum=2) * 60
SECURITY_LOG_DAYS = env.read_whole_number("SECURITY_LOG_DAYS", default=730, minimum=1)
DEVICE_COOKIE_NAME = "device"
"""Names the accounts that signed in from a device before."""
# Of an invitation: the longest life of a link.
PASSWORD_RESET_TIMEOUT = env.read_whole_number("INVITATION_DAYS", default=7, minimum=1) * 86400

if IS_PRODUCTION and not env.read_text("EMAIL_URL", default=""):
    raise ImproperlyConfigured(
        "EMAIL_URL is empty: nobody would get an invitation. Set it to the address of your mail "
        "server, such as smtp+tls://user:password@mail.example.org:587."
    )
vars().update(env.read_email("EMAIL_URL", default="consolemail://"))
# Pages queue e-mails; the worker sends them with the backend of EMAIL_URL.
MAIL_SERVER_BACKEND = str(vars()["EMAIL_BACKEND"])
EMAIL_BACKEND = "strategy.accounts.mail_queue.QueueBackend"
ACCOUNT_FORMS = {
    "login": "strategy.accounts.sign_in.forms.SignInForm",
    "reset_password": "strategy.accounts.mail_queue.QueuedResetForm",
}
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.read_text("EMAIL_FROM", default="results@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Languages: a cookie stores the choice; URLs are the same in every language.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en",)
LOCALE_PATHS = [BASE_DIR / "ibcr_rbm" / "locale"]
FORMAT_MODULE_PATH = ["ibcr_rbm.formats"]
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.read_time_zone("TIME_ZONE", default="America/Toronto")
USE_TZ = True
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.read_text("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "ibcr_rbm" / "static"]
STORAGES = {
    "default": {"BACKEND": "ibcr_rbm.web.storage_limits.WholeFileStorage"},
    "staticfiles": {
        "BACKEND": "ibcr_rbm.web.static_files.StaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# Evidence is outside the public folder: only a view that checks access sends it.
MEDIA_ROOT = Path(env.read_text("MEDIA_ROOT", default=str(BASE_DIR / "var" / "evidence")))
FILE_UPLOAD_PERMISSIONS = 0o600
# Without files: a report's draft in Arabic, with each text at its maximum length.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
FILE_CHECK_FOLDER = Path(tempfile.gettempdir())
"""Where the processes of a machine tell each other that they check a file."""
CLAMAV = env.read_socket("CLAMAV")
"""Where the virus scanner's daemon listens; empty without one."""

# Issued reports are signed with a key that nobody finds in the database.
REPORT_SIGNING_KEY = env.read_signing_key(
    "REPORT_SIGNING_KEY", default=BASE_DIR / "var" / "report-signing-key.pem"
)
REPORT_FORMER_KEYS = env.read_public_keys("REPORT_FORMER_KEYS")

BACKUP_PASSPHRASE = env.read_text("BACKUP_PASSPHRASE", default="")
BACKUP_FOLDER = env.read_text("BACKUP_FOLDER", default="")
"""Where ``daily`` writes backups; empty where it writes none."""
BACKUP_KEEP_DAYS = env.read_whole_number("BACKUP_KEEP_DAYS", default=30, minimum=1)
METRICS_TOKEN = env.read_text("METRICS_TOKEN", default="")
"""What opens /metrics to a collector; empty: there is no such page."""
BACKUP_RECIPIENTS = env.read_list("BACKUP_RECIPIENTS", default=[])
"""Public keys of age-keygen; the private key of any of them opens the backups."""

CONCERN_URL = env.read_channel("CONCERN_URL")
"""The organisation's independent channel for concerns; empty where it names none."""

# Pages load nothing from other hosts, and no inline script runs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = env.read_flag("SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.read_whole_number("HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # Browsers take these names from this host alone, over HTTPS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    DEVICE_COOKIE_NAME = "__Host-device"
    MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

IMPORT_EXPORT_USE_TRANSACTIONS = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
# The plan's admin previews figures and searches reasons, and may import neither application.
FIGURE_READER = "reporting.exports.figure_effects.read_figures"
TEXT_CHECKER = "indicators.safeguarding.detection.find_text_error"

LOG_LEVEL = env.read_log_level("LOG_LEVEL", default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "ibcr_rbm.web.json_lines.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        # Elsewhere its lines would stand between the sentences of the commands.
        "security": {"level": "INFO" if IS_PRODUCTION else LOG_LEVEL},
    },
}
