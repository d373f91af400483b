"""What every sandbox is made of.

A sandbox is a package with a ``__main__.py`` that calls :func:`sandboxes.kit.server.main`::

    def create_app(options: Options) -> ASGIApp:
        kit = Kit.open(options, sign=sign_webhook, error_response=provider_error)
        kit.timers.on("settle", settle_payout)                 # later work, persisted, on the sandbox's clock
        return kit.app(
            routes=[Route("/v1/refunds", create_refund, methods=["POST"])],
            controls=[Control("POST", "payouts/{id}/pay", pay_payout, "Pay a payout now.")],
        )

    key = Key("api_key", lambda: "sk_test_" + token_hex(16), "the secret key")
    main("stripe", create_app, keys=[key], default_port=8701)

* ``kit.store`` keeps every document (:mod:`.store`); handlers must not await inside ``store.transaction()``.
* ``kit.clock.now()`` is the only time a sandbox looks at (:mod:`.clock`).
* ``kit.timers.at(when, "settle", {...})`` runs work later, also after a restart (:mod:`.timers`).
* ``kit.deliveries.enqueue(endpoint, event)`` delivers a webhook until the receiver answers 2xx
  (:mod:`.webhooks`); an endpoint is a dict with at least ``id`` and ``url``, an event one with ``type``.
* faults are thrown by a middleware that ``kit.app`` puts in front of the routes (:mod:`.faults`).
* the shared controls live under ``/_control/`` (:mod:`.control`); each sandbox adds its own.
* ``kit.options.keys["api_key"]``, ``kit.options.public_url`` and ``kit.options.args`` come from the
  command line (:mod:`.server`, :mod:`.options`).
* :class:`sandboxes.kit.pages.Pages` renders the pages for people.

Handlers are plain Starlette endpoints. ``create_app`` runs once per start: what must survive goes to
the store, and what else must be forgotten on a reset is told to ``kit.on_reset``.
"""
