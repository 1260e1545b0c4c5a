;; Has the names of the interface and other types.
(component
  (component $empty)
  (instance $about (instantiate $empty))
  (export "tapwright:hook/about@1.0.0" (instance $about))
  (instance $records (instantiate $empty))
  (export "tapwright:hook/records@1.0.0" (instance $records)))
