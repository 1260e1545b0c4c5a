;; Asks for files and sockets.
(component
  (import "wasi:filesystem/types@0.2.3" (instance (export "open" (func))))
  (import "wasi:sockets/tcp@0.2.3" (instance (export "connect" (func)))))
