@echo off
rem Puts Eventscope among the programs that "Open with" offers for databases, for this user alone and at the place where
rem it lies now; no other program loses its files. "open-with.cmd /remove" takes it away again, "/quiet" asks for no key.
setlocal
set "classes=HKCU\Software\Classes"
set "program=%~dp0eventscope.exe"
set "kinds=.db .db3 .sqlite .sqlite3"
set "verb=add"
set "quiet="
for %%a in (%*) do (
  if /i "%%~a"=="/remove" set "verb=remove"
  if /i "%%~a"=="/quiet" set "quiet=yes"
)
goto %verb%

:add
if not exist "%program%" (
  echo There is no "%program%". Keep this file beside it.
  goto failed
)
reg add "%classes%\Applications\eventscope.exe" /v FriendlyAppName /t REG_SZ /d "Eventscope" /f >nul
if errorlevel 1 goto failed
reg add "%classes%\Eventscope.Database" /ve /t REG_SZ /d "SQLite database" /f >nul
if errorlevel 1 goto failed
reg add "%classes%\Applications\eventscope.exe\DefaultIcon" /ve /t REG_SZ /d "\"%program%\",0" /f >nul
if errorlevel 1 goto failed
reg add "%classes%\Applications\eventscope.exe\shell\open\command" /ve /t REG_SZ /d "\"%program%\" \"%%1\"" /f >nul
if errorlevel 1 goto failed
reg add "%classes%\Eventscope.Database\DefaultIcon" /ve /t REG_SZ /d "\"%program%\",0" /f >nul
if errorlevel 1 goto failed
reg add "%classes%\Eventscope.Database\shell\open\command" /ve /t REG_SZ /d "\"%program%\" \"%%1\"" /f >nul
if errorlevel 1 goto failed
for %%k in (%kinds%) do (
  reg add "%classes%\Applications\eventscope.exe\SupportedTypes" /v %%k /t REG_SZ /d "" /f >nul
  if errorlevel 1 goto failed
  reg add "%classes%\%%k\OpenWithProgids" /v Eventscope.Database /t REG_SZ /d "" /f >nul
  if errorlevel 1 goto failed
)
echo "Open with" offers Eventscope for %kinds%.
goto done

:remove
reg delete "%classes%\Applications\eventscope.exe" /f >nul 2>&1
reg delete "%classes%\Eventscope.Database" /f >nul 2>&1
for %%k in (%kinds%) do reg delete "%classes%\%%k\OpenWithProgids" /v Eventscope.Database /f >nul 2>&1
echo "Open with" does not offer Eventscope any more.
goto done

:failed
echo "Open with" was not set up.
if not defined quiet pause
exit /b 1

:done
if not defined quiet pause
exit /b 0
