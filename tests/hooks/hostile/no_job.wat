;; Says what it is, and does nothing.
(component
  (component $empty)
  (instance $about (instantiate $empty))
  (export "tapwright:hook/about@1.0.0" (instance $about)))
