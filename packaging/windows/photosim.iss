; What Inno Setup 6 makes of dist\photosim: a set-up program for one person, without administrator.
;   ISCC.exe /DVersion=1.2.3 /DOutput=PhotoSim-1.2.3-windows-x86_64-setup packaging\windows\photosim.iss

#ifndef Version
  #error Say the version: /DVersion=1.2.3
#endif
#ifndef Output
  #define Output "PhotoSim-" + Version + "-windows-setup"
#endif
#define Name "PhotoSim"
#define Id "io.github.photosim.PhotoSim"

[Setup]
AppId={#Id}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher=The PhotoSim contributors
#ifdef Homepage
AppPublisherURL={#Homepage}
AppSupportURL={#Homepage}
#endif
PrivilegesRequired=lowest
DefaultDirName={autopf}\{#Name}
DisableProgramGroupPage=yes
DisableDirPage=auto
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\resources\icons\photosim.ico
UninstallDisplayIcon={app}\photosimw.exe
WizardStyle=modern
Compression=lzma2/max
SolidCompression=yes
OutputDir=..\..\dist
OutputBaseFilename={#Output}
ChangesAssociations=yes
CloseApplications=yes
RestartApplications=no

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "openwith"; Description: "Offer {#Name} in the menus of folders and photos"; Flags: unchecked

[InstallDelete]
; The libraries of the version before: a file too many among them can be loaded instead of the right one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\photosim\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\photosimw.exe"; AppUserModelID: "{#Id}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\photosimw.exe"; AppUserModelID: "{#Id}"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\Directory\shell\{#Name}"; ValueType: string; ValueData: "Show in {#Name}"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Directory\shell\{#Name}"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\photosimw.exe"; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\Directory\shell\{#Name}\command"; ValueType: string; ValueData: """{app}\photosimw.exe"" ""%1"""; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\{#Name}"; ValueType: string; ValueData: "Find similar in {#Name}"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\{#Name}"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\photosimw.exe"; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\{#Name}\command"; ValueType: string; ValueData: """{app}\photosimw.exe"" ""%1"""; Tasks: openwith

[Run]
Filename: "{app}\photosimw.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Remembered: String;
begin
  Remembered := ExpandConstant('{localappdata}\{#Name}');
  if (Step = usPostUninstall) and DirExists(Remembered) then
    { Unless somebody sits there and says yes, the library stays. }
    if SuppressibleMsgBox('Also delete the library of {#Name}, what it remembers of your photos, and the models fetched for it?' + #13#10 + Remembered + #13#10
        + 'The photos themselves are not touched.', mbConfirmation, MB_YESNO or MB_DEFBUTTON2, IDNO) = IDYES then
      DelTree(Remembered, True, True, True);
end;
