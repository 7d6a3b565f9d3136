@node "%~dp0node-gyp-stand-in.mjs" %*
