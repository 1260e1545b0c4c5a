;; Speaks a later version of the interface.
(component
  (component $empty)
  (instance $about (instantiate $empty))
  (export "tapwright:hook/about@2.0.0" (instance $about)))
